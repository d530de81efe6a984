import { type Address, familyOf } from '../model/address.ts';
import { quoted } from '../model/problem.ts';
import { defaultRouteInterface } from '../system/uplinks.ts';
import type { Check, HostFinding } from './check.ts';
import { hostAddressesOf } from './guests-of.ts';

/** Packets for an address arrive only if an interface of the host has it, or a router sends them here. */
export function judgeHostAddresses(
  wanted: readonly { readonly guest: string; readonly address: Address }[],
  own: readonly Address[],
  interfaceOf: (address: Address) => string,
): HostFinding[] {
  return wanted
    .filter(({ address }) => !own.includes(address))
    .map(({ guest, address }) => ({
      severity: 'something',
      subject: address,
      problem: `guest ${quoted(guest)} uses it, and no active interface has it: packets arrive only if a router sends them to this host`,
      fix: `ip addr add ${address}/${familyOf(address) === 'ip' ? 32 : 128} dev ${interfaceOf(address)}`,
    }));
}

export const hostAddresses: Check = ({ records, reading, host }) =>
  judgeHostAddresses(
    hostAddressesOf(records),
    reading.ownAddresses().map(({ address }) => address),
    (address) => host.interfaces?.[0] ?? defaultRouteInterface(familyOf(address)) ?? 'INTERFACE',
  );
