import type { Family } from '../../model/address.ts';
import type { NetworkElement } from '../../model/network-element.ts';
import { chains } from './chains.ts';
import type { Rules } from './tables.ts';

/**
 * The chains of mangle that drop spoofed packets, as `../nftables/spoofing.ts` does, without guests. Into
 * GUESTGATE-SPOOFED go packets in a connection's own direction, whose source is not routed back by the interface that they came by; those that come
 * from a guest network are led to GUESTGATE-STRANGE. Into GUESTGATE-ANSWERS go answers. Guests add the addresses that leave, and what allows only some sources.
 */
export function spoofingRules(own: readonly NetworkElement[], family: Family, bit: string): Rules {
  const later = `-m connmark --mark ${bit} -m conntrack --ctstate RELATED,ESTABLISHED`;
  const inner = new Set(own.flatMap((one) => (one.kind === 'hairpin' && !one.uplink ? [one.bridge] : [])));
  return {
    [chains.prerouting]: [
      ...(family === 'ip' ? loopback : []),
      `-m conntrack --ctstate NEW -m rpfilter --invert -j ${chains.spoofed}`,
      `${later} --ctdir ORIGINAL -m rpfilter --invert -j ${chains.spoofed}`,
      `${later} --ctdir REPLY -m rpfilter --invert -j ${chains.answers}`,
    ],
    [chains.answers]: [],
    [chains.spoofed]: [...inner].map((bridge) => `-i ${bridge} -j ${chains.strange}`),
    [chains.strange]: ['-m addrtype --dst-type LOCAL -j DROP'],
  };
}

/** 127.0.0.0/8 is the host's own, where `route_localnet` lets a bridge route it, too. A VRF has a loopback address of its own. */
const loopback = [
  '-d 127.0.0.0/8 ! -i lo -m addrtype ! --dst-type LOCAL --limit-iface-in -j DROP',
  '-s 127.0.0.0/8 ! -i lo -m addrtype ! --src-type LOCAL --limit-iface-in -j DROP',
];
