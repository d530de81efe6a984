import { type Address, familyOf } from '../model/address.ts';
import { quoted } from '../model/problem.ts';
import { defaultRouteInterface } from '../system/host.ts';
import type { Check, Finding } from './finding.ts';
import { hostAddressesOf } from './guests-of.ts';

/** What is translated at an address arrives only if somebody sends it here: on an interface, or by a route. */
export function judgeHostAddresses(
  wanted: readonly { readonly guest: string; readonly address: Address }[],
  own: readonly Address[],
  interfaceOf: (address: Address) => string,
): Finding[] {
  return wanted
    .filter(({ address }) => !own.includes(address))
    .map(({ guest, address }) => ({
      severity: 'something',
      what: `guest ${quoted(guest)} uses ${address}, which is on no interface that is up: nothing arrives there, unless it is routed to this host`,
      fix: `ip addr add ${address}/${familyOf(address) === 'ip' ? 32 : 128} dev ${interfaceOf(address)}`,
    }));
}

export const hostAddresses: Check = ({ records, reading, host }) =>
  judgeHostAddresses(
    hostAddressesOf(records),
    reading.ownAddresses().map(({ address }) => address),
    (address) => host.interfaces?.[0] ?? defaultRouteInterface(familyOf(address)) ?? 'INTERFACE',
  );
