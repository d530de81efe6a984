import type { Reading } from '../desired/host-reading.ts';
import { natOf, networkNat } from '../desired/network-nat.ts';
import type { LibvirtNetwork } from '../libvirt/network.ts';
import { areDifferent } from '../model/difference.ts';
import type { Finding } from '../model/finding.ts';
import type { HostState } from '../state/host-state.ts';

/** Compares the source addresses that networks have with those that the configuration gives them. */
export function networkDifferences(
  live: ReadonlyMap<string, LibvirtNetwork>,
  recorded: HostState['networks'],
  reading: Reading,
): Finding[] {
  const running = [...live].flatMap(([name, network]) => {
    const { elements: wanted, problems } = networkNat(network, reading);
    const had = natOf(recorded[name]);
    const differs = areDifferent(wanted, had);
    return [
      ...problems,
      ...(differs
        ? [networkFinding(name, 'its snat differs from the configuration', 'guestgate apply')]
        : []),
    ];
  });
  const stopped = Object.keys(recorded).filter((name) => !live.has(name) && natOf(recorded[name]).length > 0);
  return [
    ...running,
    ...stopped.map((name) =>
      networkFinding(name, 'is not running but still has rules for its snat', 'guestgate replay'),
    ),
  ];
}

function networkFinding(network: string, problem: string, fix: string): Finding {
  return { subject: { network }, problem, severity: 'something', fix };
}
