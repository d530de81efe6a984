import type { Family } from '../../model/address.ts';
import { connectionLabels, hex, names } from '../names.ts';
import { renderMarkKeeping } from './mark-keeping.ts';
import { renderSets } from './sets.ts';
import { masqueradeRules, sharedNat } from './shared-nat.ts';
import { renderSpoofing } from './spoofing.ts';

/*
 * One table for each family, alike but for the addresses. Not `inet`: a `dnat ip6 to` there is accepted without a
 * check of the packet's family.
 *
 * The way of a first packet through our chains. Later packets of a connection only meet "spoofing", "input" and "admission".
 *
 *   from outside, or from a guest                      from the host itself
 *              |                                                |
 *   spoofing (filter, mangle - 10), see spoofing.ts             |
 *   prerouting (nat, dstnat - 10)                      output (nat, -110)
 *              |                                                |
 *              +--> translate <---------------------------------+
 *                     set our bit of ct mark
 *                     filtered? -> source allowed? else drop
 *                     counted, rated? -> not too many? else drop
 *                     forward:   address . protocol . port     -> dnat to guest . port
 *                     range:     address . protocol . ports    -> dnat to guest, same port
 *                     public:    address                       -> dnat to guest
 *                     [host] names interfaces, and the packet came from outside by another: clear our bit, return
 *              +--> anywhere <----------------------------------+
 *                     any local address but loopback, link-local and the guest networks' own:
 *                       forward_any, range_any: protocol . port
 *                     nothing fits: clear our bit
 *              |
 *          (routing) --> input (filter, mangle - 10)
 *              |            not from the host itself, to a public address of a guest that does not run: drop, but for
 *              |            answers to the host's own connections; from a guest network to a service for it: set our bit
 *              |
 *   admission (filter forward, mangle - 10)
 *     sent to a guest by a source that is denied there: drop, but for answers
 *     our bit: label the connection as admitted
 *     a guest leaves with an address of its own: set our bit and the label
 *     not translated, to a guest's own address and port that is open: source allowed, not too many? set both. else drop
 *     comes from and goes to one bridge, or one guest's interface: label the connection as hairpin
 *     from a network, by its bridge, to where its guests are let out: set both, or label the connection as masqueraded
 *              |
 *   filter chains of other programs; the head rule accepts what carries our bit
 *              |
 *   postrouting (nat, srcnat - 10)
 *     labelled hairpin: masquerade, so that the answer comes back through the host (hairpin)
 *     the host's own from 127.0.0.1: masquerade, so that the guest's answer finds its way back
 *     masqueraded: address . protocol . port . guest: the guest is to see the host's address, as it knows no way to others
 *     source_nat, shared_nat: guest . interface -> snat to its public address
 *     network_nat: network . interface -> snat to the network's, where the guest has none of its own; labelled: masquerade
 *
 * Every packet passes the chains of mark-keeping.ts, which separate our mark from those of other programs.
 *
 * All nat chains of a hook run at one place in the kernel, ordered by priority, and the first that
 * translates ends it: ours differ from everyone else's and come before them.
 */

/** How the families differ. */
const words = {
  ip: {
    address: 'ipv4_addr',
    ip: 'ip',
    notLocal: 'ip daddr != 127.0.0.0/8',
    notFromOutside: '\n\t\tip daddr 127.0.0.0/8 accept',
    neighbours: '',
    fromLoopback: (bit: string) => `\n\t\tip saddr 127.0.0.0/8 ct mark & ${bit} == ${bit} masquerade`,
  },
  ip6: {
    address: 'ipv6_addr',
    ip: 'ip6',
    notLocal: 'ip6 daddr != ::1 ip6 daddr != fe80::/10',
    notFromOutside: '',
    /** Without answers to these, routers take the address for gone: also that of a guest that has just started. */
    neighbours: '\n\t\ticmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } return',
    fromLoopback: () => '',
  },
} as const;

/**
 * A family's table with its chains and empty sets. It depends on no guest.
 *
 * @param mark the bit of `ct mark` that is ours; only it is ever written
 */
export function renderBaseRuleset(mark: number, family: Family = 'ip'): string {
  const bit = hex(mark);
  const others = hex(~mark);
  const { address, ip, notLocal, notFromOutside, fromLoopback, neighbours } = words[family];
  const target = `${ip} daddr . meta l4proto . th dport`;
  const { admitted, hairpin, masqueraded } = connectionLabels;
  const admit = `ct mark set ct mark | ${bit} ct label set ${admitted}`;
  return `table ${family} ${names.table} {${renderSets(address)}${renderSpoofing(family, bit)}
	chain prerouting {
		type nat hook prerouting priority dstnat - 10; policy accept;${notFromOutside}
		jump translate
		fib daddr type @restricted iifname != @outside iifname . iifname != @hairpin ct mark set ct mark & ${others} return
		jump anywhere
	}

	chain output {
		type nat hook output priority -110; policy accept;
		jump translate
		jump anywhere
	}

	chain translate {
		ct mark set ct mark | ${bit}
		${target} @filtered jump check_source
		${target} vmap @counted
		limit name ${target} map @rated counter drop
		dnat to ${target} map @forward
		dnat to ${target} map @range
		${ip} daddr @filtered_public jump check_source_public
		dnat to ${ip} daddr map @public
	}

	chain anywhere {
		fib daddr type local ${notLocal} ${ip} daddr != @gateways jump translate_any
		ct mark set ct mark & ${others}
	}

	chain translate_any {
		meta l4proto . th dport @filtered_any jump check_source_any
		meta l4proto . th dport vmap @counted_any
		limit name meta l4proto . th dport map @rated_any counter drop
		dnat to meta l4proto . th dport map @forward_any
		dnat to meta l4proto . th dport map @range_any
	}

	chain check_source {
		fib saddr type local return
		${ip} saddr . ${target} @sources return
		counter drop
	}

	chain check_source_any {
		fib saddr type local return
		${ip} saddr . meta l4proto . th dport @sources_any return
		counter drop
	}

	chain check_source_public {
		fib saddr type local return
		${ip} saddr . ${ip} daddr @sources_public return
		counter drop
	}

	chain input {
		type filter hook input priority mangle - 10; policy accept;
		iifname != "lo" ${ip} daddr @absent jump ${names.dropAbsent}
		iifname . meta l4proto . th dport @services ct mark set ct mark | ${bit}
	}

	chain ${names.dropAbsent} {
		ct direction reply return${neighbours}
		counter drop
	}

	chain admission {
		type filter hook forward priority mangle - 10; policy accept;
		ct direction original ${ip} saddr . ${ip} daddr @denied counter drop
		ct state established,related accept
		ct mark & ${bit} == ${bit} ct status & confirmed == 0 ct label set ${admitted}
		${ip} saddr . oifname @outgoing ${admit} accept
		ct label ${admitted} iifname . oifname @hairpin ct label set ${hairpin}
		ct status & dnat == 0 ${ip} saddr . iifname . oifname @routed ${admit}
		${ip} saddr . iifname . oifname @networks_masqueraded ct label set ${masqueraded}
		ct status & dnat == 0 iifname . oifname != @hairpin jump admit_open
	}

	chain admit_open {
		${target} @filtered_open ${ip} saddr . ${target} != @sources_open counter drop
		${target} vmap @counted_open
		limit name ${target} map @rated_open counter drop
		${target} @open ${admit}
		${target} @open_range ${admit}
	}

	chain postrouting {
		type nat hook postrouting priority srcnat - 10; policy accept;
		ct label ${hairpin} masquerade${fromLoopback(bit)}
		ct mark & ${bit} == ${bit} ct status & dnat != 0 jump masquerade_guest
		snat to ${ip} saddr . oifname map @source_nat${sharedNat(ip)}
	}

	chain masquerade_guest {${masqueradeRules(ip)}
		ct original ${ip} daddr . ${ip} daddr @masqueraded_public masquerade
	}
${renderMarkKeeping(mark)}}
`;
}
