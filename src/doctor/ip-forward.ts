import type { Family } from '../model/address.ts';
import { sysctl } from '../system/host.ts';
import type { Check, HostFinding } from './check.ts';
import { familiesInUse } from './guests-of.ts';

const settings: Readonly<{ [family in Family]: string }> = {
  ip: 'net.ipv4.ip_forward',
  ip6: 'net.ipv6.conf.all.forwarding',
};

/**
 * The kernel forwards no packets while the setting is off (Documentation/networking/ip-sysctl.rst).
 *
 * @param values of the families that guests use; undefined: the kernel has no such setting
 */
export function judgeForwarding(values: ReadonlyMap<Family, string | undefined>): HostFinding[] {
  return [...values].flatMap(([family, value]): HostFinding[] => {
    if (value !== '0') return [];
    const name = settings[family];
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

export const forwarding: Check = ({ records }) =>
  judgeForwarding(new Map(familiesInUse(records).map((family) => [family, sysctl(settings[family])])));
