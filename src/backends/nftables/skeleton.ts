import { hex, names } from '../names.ts';

/*
 * The way of a first packet through our chains. Later packets of a connection only meet "admission".
 *
 *   from outside, or from a guest                      from the host itself
 *              |                                                |
 *   prerouting (nat, dstnat - 10)                      output (nat, -110)
 *              |                                                |
 *              +--> translate <---------------------------------+
 *                     set our bit of ct mark
 *                     guarded?  -> source allowed? else drop
 *                     forward:   address . protocol . port     -> dnat to guest . port
 *                     range:     address . protocol . ports    -> dnat to guest, same port
 *                     public:    address                       -> dnat to guest
 *                     any local address but 127/8 and the guest networks' own:
 *                       forward_any, range_any: protocol . port
 *                     nothing fits: clear our bit
 *              |
 *          (routing)
 *              |
 *   admission (filter forward, mangle - 10)
 *     a guest leaves with an address of its own: set our bit
 *     comes from and goes to one guest bridge: note it in the packet's mark
 *              |
 *   everybody's filter chains; the anchor accepts what carries our bit
 *              |
 *   postrouting (nat, srcnat - 10)
 *     noted above: masquerade, so that the answer comes back through the host (hairpin)
 *     source_nat: guest . interface -> snat to its public address
 *
 * All nat chains of a hook run at one place in the kernel, ordered by priority, and the first that
 * translates ends it: ours differ from everyone else's and come before them.
 */

/** The sets and maps that elements go into. Exact keys in hashes; intervals only for what is one. */
const sets = `
	map forward { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service; counter; }
	map forward_any { type inet_proto . inet_service : ipv4_addr . inet_service; counter; }
	map range { type ipv4_addr . inet_proto . inet_service : ipv4_addr; flags interval; counter; }
	map range_any { type inet_proto . inet_service : ipv4_addr; flags interval; counter; }
	map public { type ipv4_addr : ipv4_addr; counter; }
	map source_nat { type ipv4_addr . ifname : ipv4_addr; }
	set outgoing { type ipv4_addr . ifname; }
	set guarded { type ipv4_addr . inet_proto . inet_service; flags interval; }
	set guarded_any { type inet_proto . inet_service; flags interval; }
	set guarded_public { type ipv4_addr; }
	set sources { type ipv4_addr . ipv4_addr . inet_proto . inet_service; flags interval; }
	set sources_any { type ipv4_addr . inet_proto . inet_service; flags interval; }
	set sources_public { type ipv4_addr . ipv4_addr; flags interval; }
	set hairpin { type ifname . ifname; }
	set gateways { type ipv4_addr; }
`;

/**
 * The table with its chains and empty sets. It depends on no guest.
 *
 * @param mark the bit of `ct mark` that is ours; only it is ever written
 */
export function renderSkeleton(mark: number): string {
  const bit = hex(mark);
  const others = hex(~mark);
  const target = 'ip daddr . meta l4proto . th dport';
  return `table ip ${names.table} {${sets}
	chain prerouting {
		type nat hook prerouting priority dstnat - 10; policy accept;
		jump translate
	}

	chain output {
		type nat hook output priority -110; policy accept;
		jump translate
	}

	chain translate {
		ct mark set ct mark | ${bit}
		${target} @guarded jump guard
		dnat to ${target} map @forward
		dnat to ${target} map @range
		ip daddr @guarded_public jump guard_public
		dnat to ip daddr map @public
		fib daddr type local ip daddr != 127.0.0.0/8 ip daddr != @gateways jump translate_any
		ct mark set ct mark & ${others}
	}

	chain translate_any {
		meta l4proto . th dport @guarded_any jump guard_any
		dnat to meta l4proto . th dport map @forward_any
		dnat to meta l4proto . th dport map @range_any
	}

	chain guard {
		fib saddr type local return
		ip saddr . ${target} @sources return
		counter drop
	}

	chain guard_any {
		fib saddr type local return
		ip saddr . meta l4proto . th dport @sources_any return
		counter drop
	}

	chain guard_public {
		fib saddr type local return
		ip saddr . ip daddr @sources_public return
		counter drop
	}

	chain admission {
		type filter hook forward priority mangle - 10; policy accept;
		ct state established,related accept
		ip saddr . oifname @outgoing ct mark set ct mark | ${bit} accept
		ct mark & ${bit} == ${bit} iifname . oifname @hairpin meta mark set meta mark | ${bit}
	}

	chain postrouting {
		type nat hook postrouting priority srcnat - 10; policy accept;
		meta mark & ${bit} == ${bit} meta mark set meta mark & ${others} masquerade
		snat to ip saddr . oifname map @source_nat
	}
}
`;
}
