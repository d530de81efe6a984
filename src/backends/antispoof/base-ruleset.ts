import type { AntispoofTable } from '../../model/antispoof.ts';
import { backToBridge, hex, names } from '../names.ts';
import { confinementChains, confinementSets, discovery } from './confinement.ts';

/*
 * What guests may send, port by port. A guest that was given addresses (with Xen: `ip=`) sends from these and from its own
 * MAC address, or not at all: neither to the host nor to its neighbours on the bridge.
 *
 *     a frame comes from a port of a bridge            a packet comes from a routed port
 *               |                                                |
 *     bridge guestgate, prerouting, filter - 10        inet guestgate, prerouting, raw - 10
 *       checked?  its own MAC address, or drop           checked?  IPv4: its own address, or DHCP
 *                 ARP: its own sender, or a probe                  IPv6: its own address, or link-local
 *                 IPv4: its own address, or DHCP                   else drop
 *                 IPv6: its own address; neighbour discovery
 *                       for its own; multicast listeners
 *                 else drop: VLAN tags, spanning tree ...
 *               |
 *     bridge guestgate, forward, filter - 10
 *       isolated: nothing to or from another guest's port
 *       closed: nothing to or from any other port
 *     silent: nothing in, nothing out
 *
 * What the host routes back to the bridge that it came from passes by the bridge's own chains twice, and by `forward` never:
 *
 *     bridge guestgate, input: tag the frame with its port (port-tag.ts)
 *               |
 *     the host's own rules and routes
 *               |
 *     inet guestgate, leaving (postrouting, 400): not translated, and back to the tagged port's bridge? mark the packet
 *               |
 *     bridge guestgate, output: marked, to or from an isolated port, and to a guest's port? drop. Take the mark away
 *
 * All of this precedes the place where br_netfilter hands bridged frames to iptables (priority 0), and does not ask
 * whether it does.
 */

/** A table of guests' ports with its chains and empty sets: the same whichever guests run. */
export function renderBaseRuleset(family: AntispoofTable): string {
  return family === 'bridge' ? bridge : inet;
}

const sets = `
	set silent { type ifname; }
	set vifs { type ifname; }
	set checked { type ifname; }
	set sources { type ifname . ipv4_addr; flags interval; }
	set sources6 { type ifname . ipv6_addr; flags interval; }
	set closed { type ifname; }
`;

/** The broadcast of a client that has no address yet (RFC 2131, 4.1). */
const dhcp = 'ip saddr 0.0.0.0 ip daddr 255.255.255.255 udp sport 68 udp dport 67 accept';

/** What only servers and routers send (RFC 2131, RFC 8415, RFC 4861): a guest with `ip=` is neither, whatever its address. */
const fromServers = 'udp sport 67 udp dport 68 counter drop';
const fromServers6 = `udp sport 547 udp dport 546 counter drop
		icmpv6 type { nd-router-advert, nd-redirect } counter drop`;

const fromGuest = hex(backToBridge.fromGuest);
const fromIsolated = hex(backToBridge.fromIsolated);

const bridge = `table bridge ${names.table} {${sets}
	set fixed { type ifname; }
	set macs { type ifname . ether_addr; }
	set targets { typeof iifname . @th,64,128; flags interval; }
	set isolated { type ifname; }
	map tags { type ifname : ether_addr; }

	chain prerouting {
		type filter hook prerouting priority filter - 10; policy accept;
		iifname @silent counter drop
		iifname @checked jump check
	}

	chain check {
		iifname @fixed iifname . ether saddr != @macs counter drop
		ether type vmap { arp : jump check_arp, ip : jump check_ip, ip6 : jump check_ip6 }
		counter drop
	}

	chain check_arp {
		iifname @fixed iifname . arp saddr ether != @macs counter drop
		iifname . arp saddr ip @sources accept
		arp operation request arp saddr ip 0.0.0.0 accept
	}

	chain check_ip {
		${fromServers}
		iifname . ip saddr @sources accept
		${dhcp}
	}

	chain check_ip6 {
		${fromServers6}
		icmpv6 type nd-neighbor-advert iifname . @th,64,128 != @targets counter drop
		iifname . ip6 saddr @sources6 accept
		ip6 saddr :: icmpv6 type nd-neighbor-solicit iifname . @th,64,128 @targets accept
		ip6 saddr :: icmpv6 type 143 accept
	}

	chain forward {
		type filter hook forward priority filter - 10; policy accept;
		iifname @isolated oifname @vifs counter drop
		iifname @vifs oifname @isolated counter drop
		iifname @closed counter drop
		oifname @closed counter drop
		oifname @silent counter drop
	}

	chain input {
		type filter hook input priority filter - 10; policy accept;
		meta pkttype host meta protocol { ip, ip6 } ether daddr set iifname map @tags
	}

	chain output {
		type filter hook output priority filter - 10; policy accept;
		oifname @silent counter drop
		meta mark ${fromIsolated} oifname @vifs counter drop
		meta mark ${fromGuest} oifname @isolated counter drop
		meta mark { ${fromGuest}, ${fromIsolated} } meta mark set 0
	}
}
`;

const inet = `table inet ${names.table} {${sets}${confinementSets}
	set tagged { typeof oifname . @ll,0,48; }
	set tagged_isolated { typeof oifname . @ll,0,48; }

	chain prerouting {
		type filter hook prerouting priority raw - 10; policy accept;
		iifname @silent counter drop
		iifname @checked jump check
	}

	chain check {
		meta nfproto ipv4 ${fromServers}
		${fromServers6}
		iifname . ip saddr @sources accept
		${dhcp}
		iifname . ip6 saddr @sources6 accept
		ip6 saddr { ::, fe80::/10 } iifname @closed jump check_closed
		ip6 saddr { ::, fe80::/10 } accept
		counter drop
	}

	chain check_closed {
		${discovery}
		udp sport 546 udp dport 547 accept
		counter drop
	}

${confinementChains}
	chain silence {
		type filter hook postrouting priority mangle - 20; policy accept;
		oifname @silent counter drop
	}

	chain leaving {
		type filter hook postrouting priority 400; policy accept;
		ct status & dnat != 0 accept
		oifname . @ll,0,48 @tagged_isolated meta mark set ${fromIsolated} accept
		oifname . @ll,0,48 @tagged meta mark set ${fromGuest}
	}
}
`;
