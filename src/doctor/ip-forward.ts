import { routedFamilies } from '../check/network-paths.ts';
import type { Family } from '../model/address.ts';
import { readHostState } from '../state/host-state.ts';
import { forwardingSettings } from '../system/forwarding.ts';
import { sysctl } from '../system/host.ts';
import type { Check, HostFinding } from './check.ts';
import { familiesInUse } from './guests-of.ts';

/**
 * The kernel forwards no packets while the setting is off (Documentation/networking/ip-sysctl.rst).
 *
 * @param values of the families that guests use; undefined: the kernel has no such setting
 */
export function judgeForwarding(values: ReadonlyMap<Family, string | undefined>): HostFinding[] {
  return [...values].flatMap(([family, value]): HostFinding[] => {
    if (value !== '0') return [];
    const name = forwardingSettings[family];
    return [
      {
        severity: 'everything',
        subject: name,
        problem: 'it is 0: the host forwards no packets to guests',
        fix: `sysctl -w ${name}=1`,
        ...(family === 'ip' && { advice: 'at each boot, too: guestgate install --ip-forward' }),
      },
    ];
  });
}

export const forwarding: Check = ({ records }) => {
  const families = [...new Set([...familiesInUse(records), ...routedFamilies(readHostState().networks)])];
  return judgeForwarding(new Map(families.map((family) => [family, sysctl(forwardingSettings[family])])));
};
