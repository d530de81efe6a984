import { protocols } from '../../model/port.ts';

/*
 * Guests with `access`, whatever bridge they are on, by their addresses: their ports are checked, so they have no others.
 *
 *     inet guestgate, input, mangle - 20               inet guestgate, forward, mangle - 20
 *       opened by a guest that is "inbound":             local_only: neither from it nor to it
 *         DHCP, DNS of its bridge, egress, or drop       opened by a guest that is "inbound": egress, or drop
 *                                                        opened to it: translated, or to an open port, or drop
 *
 * Each packet is asked, by who opened its connection: a policy that tightens ends what is open.
 */

/** Confined addresses, and what they may open or be asked for; see `access`. */
export const confinementSets = `
	set local_only { type ipv4_addr; }
	set local_only6 { type ipv6_addr; }
	set inbound { type ipv4_addr; }
	set inbound6 { type ipv6_addr; }
	set egress { type ipv4_addr . ipv4_addr . inet_proto . inet_service; flags interval; }
	set egress6 { type ipv6_addr . ipv6_addr . inet_proto . inet_service; flags interval; }
	set opened { type ipv4_addr . inet_proto . inet_service; flags interval; }
	set opened6 { type ipv6_addr . inet_proto . inet_service; flags interval; }
`;

/** What needs no connection, in IPv6: neighbours and routers are found by it. It never leaves its link. */
export const discovery = 'icmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert } accept';

/** Errors are about a connection that exists; what is untracked or invalid belongs to none. */
const aboutConnections = `meta l4proto { icmp, ipv6-icmp } ct state related accept
		ct state { invalid, untracked } ip saddr @inbound counter drop
		ct state { invalid, untracked } ip daddr @inbound counter drop
		ct state { invalid, untracked } ip6 saddr @inbound6 counter drop
		ct state { invalid, untracked } ip6 daddr @inbound6 counter drop`;

/**
 * Each packet of a guest, and to it, that the host handles. A routed port has the host for a network. The ends of several may have one
 * address, and the kernel finds that at one of them alone (inet_dev_addr_type() in net/ipv4/fib_frontend.c).
 */
export const confinementChains = `	chain input {
		type filter hook input priority mangle - 20; policy accept;
		${discovery}
		${aboutConnections}
		ct original ip saddr @inbound jump to_host
		ct original ip6 saddr @inbound6 jump to_host
	}

	chain to_host {
		udp dport { 67, 547 } return
		fib daddr . iif type local meta l4proto { tcp, udp } th dport 53 return
		iifname @closed fib daddr type local meta l4proto { tcp, udp } th dport 53 return
		jump opened_by_it
	}

	chain forward {
		type filter hook forward priority mangle - 20; policy accept;
		ip saddr @local_only counter drop
		ip daddr @local_only counter drop
		ip6 saddr @local_only6 counter drop
		ip6 daddr @local_only6 counter drop
		${aboutConnections}
		ct original ip saddr @inbound jump opened_by_it
		ct original ip6 saddr @inbound6 jump opened_by_it
		ct reply ip saddr @inbound jump opened_to_it
		ct reply ip6 saddr @inbound6 jump opened_to_it
	}

	chain opened_by_it {${portRules('egress', (ip) => `ct original ${ip} saddr . ct original ${ip} daddr`)}
		counter drop
	}

	chain opened_to_it {
		ct status dnat return${portRules('opened', (ip) => `ct original ${ip} daddr`)}
		counter drop
	}
`;

/** nft knows the type of a connection's original port only where the rule names the protocol. */
function portRules(set: string, addresses: (ip: 'ip' | 'ip6') => string): string {
  const rules = protocols.flatMap((protocol) => {
    const ports = 'meta l4proto . ct original proto-dst';
    return [
      `meta l4proto ${protocol} ${addresses('ip')} . ${ports} @${set} return`,
      `meta l4proto ${protocol} ${addresses('ip6')} . ${ports} @${set}6 return`,
    ];
  });
  return rules.map((rule) => `\n\t\t${rule}`).join('');
}
