import type { Reading } from '../desired/host-reading.ts';
import { networkNat, ofPolicy } from '../desired/network-nat.ts';
import type { LibvirtNetwork } from '../libvirt/network.ts';
import { areDifferent } from '../model/difference.ts';
import type { Finding } from '../model/finding.ts';
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
    ...stopped.map((name) =>
      networkFinding(name, 'still has rules, and does not run or has no policy any more', 'guestgate apply'),
    ),
  ];
}

function networkFinding(network: string, problem: string, fix: string): Finding {
  return { subject: { network }, problem, severity: 'something', fix };
}
