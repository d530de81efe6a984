import type { Family } from '../../model/address.ts';
import { familyOfElement } from '../../model/element.ts';
import type { NetworkElement } from '../../model/network-element.ts';
import { hex, label, names } from '../names.ts';
import { natRules } from './base-nat-chains.ts';
import { chains } from './chains.ts';
import { asComment } from './matches.ts';
import { acceptRules, admissionRules, departureRules, serviceRules } from './network-rules.ts';
import { spoofingRules } from './spoofing.ts';
import type { Chain, Rules, Tables } from './tables.ts';

/*
 * The same chains in iptables and ip6tables. Each base chain of the tables begins with a jump to ours; guests have
 * chains of their own, which these lead to. They do what the nftables back end's base ruleset does, in the same
 * order.
 *
 * The path of a first packet. Later packets of a connection meet mangle's PREROUTING, FORWARD's first rule, and little else.
 *
 *   from outside, or from a guest                      from the host itself
 *              |                                                |
 *   mangle GUESTGATE-PREROUTING                                 |
 *     the source is not routed back by the interface that it came by (GUESTGATE-SPOOFED), and is a guest's that may leave
 *     with an address of its own, or the packet came from a guest network to the host or to what allows only some sources
 *     (GUESTGATE-STRANGE): drop
 *              |                                                |
 *   nat GUESTGATE-PREROUTING                           nat GUESTGATE-OUTPUT
 *     GUESTGATE-TRANSLATE <-------------------------------------+
 *       our bit of the connection's mark is set
 *       GUESTGATE-EXACT   guests' forwards at one address: source filters, limits, DNAT
 *       GUESTGATE-PUBLIC  guests' whole addresses: source filters, DNAT
 *     GUESTGATE-INTERFACES [host] interface: others lead no further
 *     GUESTGATE-LOCAL <-----------------------------------------+
 *       any address of the host but loopback, link-local and the guest networks' own:
 *       GUESTGATE-ANY     guests' forwards at any address: source filters, limits, DNAT
 *     nothing fitted: our bit is cleared
 *              |
 *          (routing)   The nat table cannot drop: what a source filter or limit refuses gets our bit of the packet's mark
 *              |       there (GUESTGATE-REFUSE), and is dropped in mangle's INPUT, FORWARD or POSTROUTING
 *              |
 *              +--> mangle GUESTGATE-INPUT
 *              |     not from the host itself: GUESTGATE-ABSENT (if any guest is) drops what is for the public address of a
 *              |       guest that does not run
 *              |
 *   mangle GUESTGATE-FORWARD
 *     comes from and goes to one guest bridge, or not: noted in the packet's mark (GUESTGATE-HAIRPIN)
 *     not translated, from a network to where its guests are let out: our bit is set
 *     not translated, to a guest's own open port: source filters, limits, our bit is set (GUESTGATE-OPEN)
 *     a guest leaves with an address of its own: our bit is set, and noted in the packet's mark (GUESTGATE-LEAVE)
 *              |
 *   filter GUESTGATE-FORWARD
 *     our bit: GUESTGATE-USER, the administrator's own rules, which may refuse
 *     our bit, established: accept. Not our bit: back to the rules of other programs
 *     from a network to where its guests are let out: accept
 *     a guest's chain: accepts what is its
 *              |
 *   mangle GUESTGATE-POSTROUTING
 *     a network leaves with an address of its own: both bits are set until nat (GUESTGATE-DEPART)
 *              |
 *   nat GUESTGATE-POSTROUTING
 *     noted above, and translated: masquerade, so that the answer comes back through the host (hairpin)
 *     the host's own from 127.0.0.1: masquerade
 *     GUESTGATE-MASQUERADE  forwards whose guest is to see the host's address: masquerade
 *     GUESTGATE-SNAT      guest, interface -> its address
 *     GUESTGATE-NETWORKS  network, interface -> its address, or masquerade
 *
 * Other programs have bits of the packet's mark, too, whole ranges of them (Calico, Cilium). So ours means something only
 * together with our bit of the connection's mark, and only in a connection's first packet: before nat it was cleared or set.
 */

/**
 * A family's chains, without guests.
 *
 * @param mark the bit of the marks that is ours; only it is ever written
 */
export function baseRuleset(networks: readonly NetworkElement[], mark: number, family: Family): Tables {
  const bit = `${hex(mark)}/${hex(mark)}`;
  const own = networks.filter((element) => familyOfElement(element) === family);
  const bridges = [...new Set(own.flatMap((one) => (one.kind === 'hairpin' ? [one.bridge] : [])))];
  return {
    filter: asChains({
      [chains.forward]: [
        `-m connmark --mark ${bit} -j ${names.userChain}`,
        `-m connmark --mark ${bit} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
        `-m connmark ! --mark ${bit} -j RETURN`,
        ...acceptRules(own),
      ],
    }),
    mangle: asChains(mangleRules(own, bridges, bit, family)),
    nat: asChains(natRules(own, bridges, bit, family)),
  };
}

/** For a rule that other packets of the connection must not meet. */
const firstPacket = '-m conntrack ! --ctstatus CONFIRMED';

function mangleRules(
  own: readonly NetworkElement[],
  bridges: readonly string[],
  bit: string,
  family: Family,
): Rules {
  const none = `0x0/${bit.split('/')[1]}`;
  // Later packets may carry both bits because another program restored them (`CONNMARK --restore-mark`).
  const refused = `-m mark --mark ${bit} -m connmark --mark ${bit} -m conntrack ! --ctstate DNAT ! --ctstatus EXPECTED,CONFIRMED -j DROP`;
  const absent = absentRules(own, family);
  return {
    ...spoofingRules(own, family, bit),
    [chains.input]: [
      refused,
      ...(absent.length > 0 ? [`! -i lo -j ${chains.absent}`] : []),
      ...serviceRules(own, bit),
    ],
    ...(absent.length > 0 && { [chains.absent]: absent }),
    [chains.forward]: [
      refused,
      `-m conntrack --ctdir ORIGINAL -j ${chains.denied}`,
      '-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN',
      `-m connmark --mark ${bit} -j ${chains.hairpin}`,
      `-m conntrack ! --ctstate DNAT -j ${chains.untranslated}`,
      `-j ${chains.leave}`,
    ],
    // What leaves with an address of its own carries the bit as well, and is not the host's.
    [chains.postrouting]: [
      refused.replace('-m conntrack', '-m addrtype --src-type LOCAL -m conntrack'),
      ...departureRules(own, bit, firstPacket),
    ],
    [chains.hairpin]: [
      `-j MARK --set-xmark ${none}`,
      ...bridges.map((bridge) => `-i ${bridge} -o ${bridge} -j MARK --set-xmark ${bit}`),
    ],
    [chains.untranslated]: [
      ...admissionRules(own),
      ...bridges.map((bridge) => `-i ${bridge} -o ${bridge} -j RETURN`),
      `-j ${chains.open}`,
    ],
    [chains.denied]: [],
    [chains.open]: [],
    [chains.leave]: [],
    [chains.admit]: [`-j CONNMARK --set-xmark ${bit}`, `-j MARK --set-xmark ${none}`],
    [chains.depart]: [`-j CONNMARK --set-xmark ${bit}`, `-j MARK --set-xmark ${bit}`],
  };
}

/** What is not for a guest that runs: drop, but for answers to the host's own connections, and what finds neighbours. */
function absentRules(own: readonly NetworkElement[], family: Family): string[] {
  const drops = own.flatMap((one) =>
    one.kind === 'absent'
      ? [`-d ${one.address} -m comment --comment ${asComment(label(one.guest))} -j DROP`]
      : [],
  );
  if (drops.length === 0) return [];
  const neighbours = family === 'ip6' ? [135, 136] : [];
  return [
    '-m conntrack --ctdir REPLY -j RETURN',
    ...neighbours.map((type) => `-p ipv6-icmp -m icmp6 --icmpv6-type ${type} -j RETURN`),
    ...drops,
  ];
}

function asChains(rules: Rules): Map<string, Chain> {
  return new Map(Object.entries(rules).map(([name, ordered]) => [name, { ordered, free: [] }]));
}
