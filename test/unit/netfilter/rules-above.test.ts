import { expect, test } from 'vitest';
import { aboveOurs, listingOf, rulesOf } from '../../../src/netfilter/rules-above.ts';

test("the rules above ours in iptables' listing", () => {
  const listing =
    '-P FORWARD DROP\n-A FORWARD -j DOCKER-USER\n-A FORWARD -j GUESTGATE-FORWARD\n-A FORWARD -j REJECT\n';
  expect(aboveOurs(rulesOf(listing))).toEqual(['-A FORWARD -j DOCKER-USER']);
  expect(aboveOurs(rulesOf('-P FORWARD DROP\n-A FORWARD -j REJECT\n'))).toEqual(['-A FORWARD -j REJECT']);
});

test("the same in nft's", () => {
  const listing = `table ip libvirt_network {
	chain forward {
		type filter hook forward priority filter; policy accept;
		counter jump guest_cross
		ct mark & 0x10000000 == 0x10000000 counter accept comment "guestgate"
		counter jump guest_input
	}
}`;
  expect(aboveOurs(rulesOf(listing))).toEqual(['counter jump guest_cross']);
});

test('how each place of a head rule is listed', () => {
  expect(listingOf('iptables FORWARD')).toMatchObject({ program: 'iptables-nft' });
  expect(listingOf('ip6tables-legacy FORWARD')).toMatchObject({ program: 'ip6tables-legacy' });
  expect(listingOf('ip libvirt_network forward')).toMatchObject({
    args: ['-s', 'list', 'chain', 'ip', 'libvirt_network', 'forward'],
  });
  expect(listingOf('something else')).toBeUndefined();
});
