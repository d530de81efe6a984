import { type Address, familyName, familyOf } from '../model/address.ts';
import { type Fault, policyFault } from '../model/finding.ts';
import { isEverywhere } from '../model/host-address.ts';
import type { Forward, GuestPolicy } from '../model/policy.ts';
import { quoted } from '../model/problem.ts';
import type { HostView } from './host-view.ts';
import { spread } from './placed-forwards.ts';

/** An uplink may come later, and its addresses with it. */
export function withoutUplink({ forwards = [] }: GuestPolicy, host: HostView): Fault[] {
  return forwards.flatMap(({ uplink, text }): Fault[] =>
    uplink === undefined || host.addressesOn(uplink).length > 0
      ? []
      : [
          {
            kind: 'no-uplink',
            problem: `forward ${text} is not reachable: ${quoted(uplink)} has no address`,
            severity: 'later',
            fix: `ip addr show dev ${uplink}`,
          },
        ],
  );
}

/** The kernel sends nothing from ::1 to a guest. */
export function unreachableAtLoopback(
  policy: GuestPolicy,
  addressesFor: (forward: Forward) => readonly Address[],
): Fault[] {
  return (policy.forwards ?? [])
    .filter(({ loopback = policy.loopback }) => loopback === true)
    .filter((forward) => {
      const addresses = addressesFor(forward);
      return addresses.length > 0 && !addresses.some((address) => familyOf(address) === 'ip');
    })
    .map(({ text }) =>
      policyFault(`forward ${text} is not reachable at 127.0.0.1: the guest has no IPv4 address`),
    );
}

/** If `[host]` names addresses of one family only, a guest of the other one is not reachable. */
export function unreachable(
  policy: GuestPolicy,
  addressesFor: (forward: Forward) => readonly Address[],
  host: HostView,
): Fault[] {
  if (host.addresses === 'any' || host.addresses.length === 0) return [];
  return (policy.forwards ?? []).flatMap((forward) => {
    if (forward.uplink !== undefined) return [];
    const families = addressesFor(forward)
      .map(familyOf)
      .filter((one) => forward.host === 'any' || one === familyOf(forward.host));
    const placed = families.some((family) => spread(forward, family, host).length > 0);
    return placed || families.length === 0 || !isEverywhere(forward.host)
      ? []
      : [
          policyFault(
            `forward ${forward.text} is not reachable: [host] has no ${families.map(familyName).join(' or ')} address`,
          ),
        ];
  });
}
