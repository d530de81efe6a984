import type { Family } from '../../model/address.ts';

/*
 * What guests and neighbours of the host send with addresses that are not theirs. Our translations and accepts look at
 * sources, so they count only if the kernel would send the answer to the interface that the packet came by (fib in nft(8);
 * strict reverse path forwarding, RFC 3704). The host's own rp_filter is often off or loose.
 *
 * No source is checked that comes from outside, unless it is a guest's: with several uplinks an honest client's packets may
 * come by another interface than the answers leave by.
 *
 * Later packets are checked if the connection is one that we admitted: in its own direction like its first one, and answers if they
 * have the address of a guest with a single interface.
 */

/** The chains that drop spoofed packets, for a family's table. They are ahead of all translation. */
export function renderSpoofing(family: Family, bit: string): string {
  const target = `${family} daddr . meta l4proto . th dport`;
  return `${family === 'ip' ? loopback : ''}
	chain spoofing {
		type filter hook prerouting priority mangle - 10; policy accept;
		ct state new jump origin
		ct state { established, related } ct mark & ${bit} == ${bit} jump later
	}

	chain later {
		ct direction original jump origin
		ct direction reply ${family} saddr @answering ${family} saddr != @roaming fib saddr . iif oif missing counter drop
	}

	chain origin {
		${family} saddr @leaving fib saddr . iif oif missing counter drop
		iifname @inner fib saddr . iif oif missing jump spoofed
	}

	chain spoofed {
		fib daddr type local counter drop
		${target} @filtered counter drop
		${family} daddr @filtered_public counter drop
		${target} @filtered_open counter drop
	}
`;
}

/**
 * Where `route_localnet` lets bridges route it, 127.0.0.0/8 is the host's own still, whether or not a network is known that has
 * the bridge. A VRF has a loopback address of its own, on its own interface.
 */
const loopback = `
	chain loopback {
		type filter hook prerouting priority raw - 10; policy accept;
		iifname != "lo" ip daddr 127.0.0.0/8 fib daddr . iif type != local counter drop
		iifname != "lo" ip saddr 127.0.0.0/8 fib saddr . iif type != local counter drop
	}
`;
