import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { asListed, entriesOf } from '../../../../src/backends/nftables/entries.ts';
import { parseListing } from '../../../../src/backends/nftables/listing.ts';
import { changeEntries, rebuildEntries } from '../../../../src/backends/nftables/transaction.ts';
import { vifEntries } from '../../../../src/backends/nftables/vif-entries.ts';
import type { VifElement, VifTable } from '../../../../src/model/vif.ts';

const mac = '00:16:3e:00:00:02';
const vif = (more: Partial<VifElement> = {}): VifElement => ({
  kind: 'vif',
  port: 'vif1.0',
  way: 'bridged',
  mac,
  ...more,
});

/** The sets that a port stands in, each with what follows its name. */
function sets(element: VifElement): string[] {
  return vifEntries(element).map(({ family, set, key }) =>
    `${family} ${set} ${key.replace('"vif1.0"', '').replace(' . ', '')}`.trim(),
  );
}

describe("a guest's port", () => {
  test('without ip= is known, and checked for nothing', () => {
    expect(sets(vif())).toEqual(['bridge vifs']);
    expect(sets(vif({ isolated: true }))).toEqual(['bridge vifs', 'bridge isolated']);
  });

  test('with ip= sends from its addresses; those of IPv6 bring its link-local one', () => {
    expect(sets(vif({ sources: ['10.99.0.2/32', 'fd00::/64'] }))).toEqual([
      'bridge vifs',
      'bridge checked',
      'bridge fixed',
      `bridge macs ${mac}`,
      'bridge sources 10.99.0.2/32',
      'bridge sources6 fd00::/64',
      'bridge targets 0xfd000000000000000000000000000000-0xfd00000000000000ffffffffffffffff',
      'bridge sources6 fe80::216:3eff:fe00:2/128',
      'bridge targets 0xfe8000000000000002163efffe000002',
    ]);
    expect(sets(vif({ sources: ['10.99.0.2/32'] }))).not.toContainEqual(expect.stringContaining('sources6'));
  });

  test('that is routed is seen where packets arrive, and has no MAC address to check', () => {
    expect(sets(vif({ way: 'routed', sources: ['10.99.0.2/32'] }))).toEqual([
      'inet vifs',
      'inet checked',
      'inet sources 10.99.0.2/32',
    ]);
  });
});

describe('in the kernel', () => {
  const elements = [
    vif({ sources: ['0.0.0.0/0', '::/0'] }),
    vif({
      port: 'web0',
      sources: ['10.99.0.2/32', '10.99.7.0/24', 'fd00:99::2/128', '2001:db8::/48'],
      isolated: true,
    }),
    vif({ port: 'r1', way: 'routed', sources: ['10.98.0.2/32', 'fd00:98::2/128'] }),
  ];

  /** What `nft` makes of some transactions, and lists of a table. */
  function load(table: VifTable, ...inputs: readonly (string | undefined)[]) {
    const script = `nft -f - && nft -j list table ${table} guestgate`;
    const { stdout, stderr } = spawnSync('unshare', ['-n', 'sh', '-c', script], {
      input: inputs.join(''),
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    return parseListing(stdout, table)
      .entries.map(({ set, key }) => `${set} ${key}`)
      .sort();
  }

  const mark = 0x10000000;
  const rebuilt = rebuildEntries(
    elements.map((element) => ({ element, label: 'web' })),
    mark,
  ).input;
  const listed = (table: string) =>
    elements
      .flatMap(entriesOf)
      .filter(({ family }) => family === table)
      .map(asListed)
      .map(({ set, key }) => `${set} ${key}`)
      .sort();

  test.each(['bridge', 'inet'] as const)('entries of table %s are listed as they are compared', (table) => {
    expect(load(table, rebuilt)).toEqual(listed(table));
  });

  test('a port that becomes another is changed in one transaction', () => {
    const [, before] = elements as [VifElement, VifElement];
    const after = { ...before, sources: ['10.99.0.2/32', '10.99.9.0/24'] };
    const { input } = changeEntries([before], [{ element: after, label: 'web' }]);
    expect(load('bridge', rebuilt, input).filter((entry) => entry.includes('web0'))).toEqual(
      vifEntries(after)
        .map(asListed)
        .map(({ set, key }) => `${set} ${key}`)
        .sort(),
    );
  });

  test('what is removed is gone', () => {
    const { input } = changeEntries(elements, []);
    expect(load('bridge', rebuilt, input)).toEqual([]);
    expect(load('inet', rebuilt, input)).toEqual([]);
  });

  test('hosts without such a port never get the tables', () => {
    expect(rebuildEntries([], mark).input).not.toMatch(/table (bridge|inet)/);
    expect(rebuildEntries([], mark, [], ['ip'], ['bridge']).input).toContain('delete table bridge guestgate');
  });
});
