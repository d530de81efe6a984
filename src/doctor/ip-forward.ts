import type { Family } from '../model/address.ts';
import { sysctl } from '../system/host.ts';
import type { Check, Finding } from './finding.ts';
import { familiesInUse } from './guests-of.ts';

const settings: Readonly<{ [family in Family]: string }> = {
  ip: 'net.ipv4.ip_forward',
  ip6: 'net.ipv6.conf.all.forwarding',
};

/**
 * The kernel passes nothing on while its forwarding is off (Documentation/networking/ip-sysctl.rst).
 *
 * @param values of the families that guests use; undefined: the kernel has no such setting
 */
export function judgeForwarding(values: ReadonlyMap<Family, string | undefined>): Finding[] {
  return [...values].flatMap(([family, value]): Finding[] => {
    if (value !== '0') return [];
    const name = settings[family];
    const boot = family === 'ip' ? ' (guestgate install --ip-forward: at each boot, too)' : '';
    return [
      {
        severity: 'everything',
        what: `${name} is 0: the host passes nothing on to guests${boot}`,
        fix: `sysctl -w ${name}=1`,
      },
    ];
  });
}

export const forwarding: Check = ({ records }) =>
  judgeForwarding(new Map(familiesInUse(records).map((family) => [family, sysctl(settings[family])])));
