import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { renderBaseRuleset as renderPortTable } from '../../../src/backends/antispoof/base-ruleset.ts';
import { headRulePlaces, inputPlaces, libvirtNat } from '../../../src/backends/head-rules.ts';
import { baseRuleset } from '../../../src/backends/iptables/base-ruleset.ts';
import { foreignNat } from '../../../src/backends/iptables/foreign-nat.ts';
import { rulesetEdition } from '../../../src/backends/names.ts';
import { renderBaseRuleset } from '../../../src/backends/nftables/base-ruleset.ts';
import { antispoofTables } from '../../../src/model/antispoof.ts';
import type { NetworkElement } from '../../../src/model/network-element.ts';

/*
 * A new version of guestgate finds the old one's rules in the kernel. It rebuilds them only if the edition differs: a change of
 * these texts needs another `rulesetEdition`, and the digest of the new texts here.
 */
const digest = 'f5b068588e0808e0';

const mark = 0x10000000;
const networks: readonly NetworkElement[] = [
  { kind: 'hairpin', bridge: 'virbr0' },
  { kind: 'network-nat', network: '192.168.122.0/24', interface: 'eth0', address: '203.0.113.9' },
  { kind: 'hairpin', bridge: 'virbr0', family: 'ip6' },
  { kind: 'routed', network: '192.168.122.0/24', bridge: 'virbr0', interface: 'eth0' },
  { kind: 'network-masquerade', network: '192.168.122.0/24', bridge: 'virbr0', interface: 'eth1' },
  { kind: 'service', bridge: 'virbr0', protocol: 'udp', ports: { first: 67, last: 67 } },
];

test('another text of the base rulesets or head rules is another edition', () => {
  const state = { needed: true, first: false, found: [] };
  const texts = (['ip', 'ip6'] as const).flatMap((family) => {
    const tables = baseRuleset(networks, mark, family);
    const places = [
      ...headRulePlaces({ legacyFilter: true, legacyNat: true, iptables: true }, family),
      ...inputPlaces({ legacyFilter: true, iptables: true }, family),
      libvirtNat(family),
      foreignNat('nft', family),
      foreignNat('legacy', family),
    ];
    return [
      renderBaseRuleset(mark, family),
      JSON.stringify(Object.entries(tables).map(([name, chains]) => [name, [...chains]])),
      ...places.map((place) => place.assert(state, mark).input ?? ''),
    ];
  });
  texts.push(...antispoofTables.map(renderPortTable));
  const found = createHash('sha256').update(texts.join('\n')).digest('hex').slice(0, 16);
  expect([rulesetEdition, found]).toEqual([8, digest]);
});
