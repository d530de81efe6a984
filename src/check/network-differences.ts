import type { Reading } from '../desired/host-reading.ts';
import { networkNat, ofPolicy } from '../desired/network-nat.ts';
import type { LibvirtNetwork } from '../libvirt/network.ts';
import { areDifferent } from '../model/difference.ts';
import type { Finding } from '../model/finding.ts';
import { separateOverlaps } from '../planner/overlapping-networks.ts';
import type { HostState } from '../state/host-state.ts';

/** Compares what networks have with what the configuration gives them. */
export function networkDifferences(
  live: ReadonlyMap<string, LibvirtNetwork>,
  recorded: HostState['networks'],
  reading: Reading,
): Finding[] {
  const running = [...live].flatMap(([name, network]) => {
    const { elements: wanted, problems } = networkNat(network, reading);
    const had = ofPolicy(recorded[name]);
    const differs = areDifferent(wanted, had);
    return [
      ...problems,
      ...(differs
        ? [networkFinding(name, 'its rules differ from the configuration', 'guestgate apply')]
        : []),
    ];
  });
  const stopped = Object.keys(recorded).filter(
    (name) => !live.has(name) && ofPolicy(recorded[name]).length > 0,
  );
  return [
    ...running,
    ...overlaps(recorded),
    ...stopped.map((name) =>
      networkFinding(name, 'still has rules, and does not run or has no policy any more', 'guestgate apply'),
    ),
  ];
}

/** What cannot be in the kernel beside what another network has. */
function overlaps(recorded: HostState['networks']): Finding[] {
  const { overlapping } = separateOverlaps(Object.values(recorded).flat());
  const names = Object.entries(recorded).flatMap(([name, elements]) =>
    elements.some((one) => overlapping.includes(one)) ? [name] : [],
  );
  return names.map((network) => ({
    subject: { network },
    problem: 'a part of its rules is left out: it overlaps those of another network',
    severity: 'something',
    advice: 'give the networks different addresses, or one of them no snat',
  }));
}

function networkFinding(network: string, problem: string, fix: string): Finding {
  return { subject: { network }, problem, severity: 'something', fix };
}
