import type { Family } from '../model/address.ts';
import { familyOfElement } from '../model/element.ts';
import type { Finding } from '../model/finding.ts';
import type { HostState } from '../state/host-state.ts';
import { forwardingSettings } from '../system/forwarding.ts';

/** The families in which networks let their guests out. */
export function routedFamilies(networks: HostState['networks']): Family[] {
  const routed = Object.values(networks)
    .flat()
    .filter((one) => one.kind === 'routed' && one.bridge !== one.interface);
  return [...new Set(routed.map(familyOfElement))].sort();
}

/**
 * Why guests of networks do not get out although the rules are in place. Pure.
 *
 * @param setting reads a setting of the kernel; undefined: there is none of that name
 */
export function judgeNetworkPaths(
  networks: HostState['networks'],
  setting: (name: string) => string | undefined,
): Finding[] {
  return routedFamilies(networks).flatMap((family): Finding[] => {
    const name = forwardingSettings[family];
    if (setting(name) !== '0') return [];
    return [
      {
        subject: name,
        problem: 'it is 0: the host forwards no packets of its guest networks',
        severity: 'everything',
        fix: `sysctl -w ${name}=1`,
      },
    ];
  });
}
