import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { entriesOf } from '../../../../src/backends/antispoof/entries.ts';
import { inspection } from '../../../../src/backends/antispoof/inspection.ts';
import { parsePortListing } from '../../../../src/backends/antispoof/listing.ts';
import { antispoof } from '../../../../src/backends/antispoof/transaction.ts';
import { asListed } from '../../../../src/backends/nftables/entry.ts';
import {
  type AntispoofElement,
  type AntispoofTable,
  antispoofTables,
  antispoofTablesOf,
} from '../../../../src/model/antispoof.ts';

const mac = '00:16:3e:00:00:02';
const port = (more: Partial<AntispoofElement> = {}): AntispoofElement => ({
  kind: 'vif',
  port: 'vif1.0',
  way: 'bridged',
  mac,
  ...more,
});

/** The sets that a port stands in, each with what follows its name. */
function sets(element: AntispoofElement): string[] {
  return antispoofTablesOf(element).flatMap((table) =>
    entriesOf(element, table).map(({ set, key }) =>
      `${table} ${set} ${key.replace('"vif1.0"', '').replace(' . ', '')}`.trim(),
    ),
  );
}

describe("a guest's port", () => {
  test('without ip= is known, and checked for nothing', () => {
    expect(sets(port())).toEqual(['bridge vifs']);
    expect(sets(port({ isolated: true }))).toEqual(['bridge vifs', 'bridge isolated']);
  });

  test('with ip= sends from its addresses; those of IPv6 bring its link-local one', () => {
    expect(sets(port({ sources: ['10.99.0.2/32', 'fd00::/64'] }))).toEqual([
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
    expect(sets(port({ sources: ['10.99.0.2/32'] }))).not.toContainEqual(expect.stringContaining('sources6'));
  });

  test('on a known bridge has a tag, by which the host knows what it sends back to that bridge', () => {
    const tag = 7479262232703;
    expect(sets(port({ bridge: 'xenbr0' }))).toEqual([
      'bridge vifs',
      'bridge tags',
      `inet tagged "xenbr0"${tag}`,
    ]);
    expect(sets(port({ bridge: 'xenbr0', isolated: true }))).toContain(`inet tagged_isolated "xenbr0"${tag}`);
  });

  test('that is routed is seen where packets arrive, and has no MAC address to check', () => {
    expect(sets(port({ way: 'routed', sources: ['10.99.0.2/32'] }))).toEqual([
      'inet vifs',
      'inet checked',
      'inet sources 10.99.0.2/32',
    ]);
  });
});

/** What the kernel has in a table after some transactions, as `check` reads it. */
function load(table: AntispoofTable, ...inputs: readonly (string | undefined)[]): string {
  const script = `nft -f - && nft -j list table ${table} guestgate`;
  const { stdout, stderr } = spawnSync('unshare', ['-n', 'sh', '-c', script], {
    input: inputs.join(''),
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return stdout;
}

function inputOf(commands: ReturnType<typeof antispoof.change>): string {
  expect(commands).toHaveLength(1);
  return commands[0]?.input ?? '';
}

describe('in the kernel', async () => {
  const everything = port({ sources: ['0.0.0.0/0', '::/0'] });
  const some = port({
    port: 'web0',
    sources: ['10.99.0.2/32', '10.99.7.0/24', 'fd00:99::2/128', '2001:db8::/48'],
    isolated: true,
    bridge: 'xenbr0',
  });
  const routed = port({ port: 'r1', way: 'routed', sources: ['10.98.0.2/32', 'fd00:98::2/128'] });
  const ports = [everything, some, routed];
  const rebuilt = inputOf(await antispoof.rebuild([{ label: 'web', ports }], []));
  const differences = (table: AntispoofTable, listing: string, expected: readonly AntispoofElement[]) => {
    const { input } = inspection.reference(table);
    return inspection.differences(expected, table, listing, load(table, input)).map(({ problem }) => problem);
  };

  test.each(antispoofTables)('check finds table %s as it was made, and what is missing there', (table) => {
    const listing = load(table, rebuilt);
    expect(differences(table, listing, ports)).toEqual([]);
    const more = { ...some, port: 'web1', way: table === 'bridge' ? 'bridged' : 'routed' } as const;
    expect(differences(table, listing, [...ports, more])).toContain('vifs { web1 } is missing');
    expect(differences(table, listing, [])).toContainEqual(
      expect.stringMatching(/^unexpected entry checked /),
    );
  });

  test('a port that becomes another is changed in one transaction', () => {
    const after = { ...some, sources: ['10.99.0.2/32', '10.99.9.0/24'] };
    const change = inputOf(antispoof.change([{ label: 'web', before: [some], after: [after] }]));
    const listing = load('bridge', rebuilt, change);
    expect(differences('bridge', listing, [everything, after])).toEqual([]);
  });

  test('what is removed is gone', () => {
    const removal = inputOf(antispoof.change([{ label: 'web', before: ports, after: [] }]));
    for (const table of antispoofTables)
      expect(parsePortListing(load(table, rebuilt, removal), table).entries).toEqual([]);
  });

  test('a change that the kernel contradicts says so', () => {
    const removal = inputOf(antispoof.change([{ label: 'web', before: [some], after: [] }]));
    const { status, stderr } = spawnSync('unshare', ['-n', 'nft', '-f', '-'], {
      input: removal,
      encoding: 'utf8',
    });
    expect(status).not.toBe(0);
    expect(antispoof.contradicts(stderr)).toBe(true);
  });
});

test('hosts without such a port never get the tables', async () => {
  expect(await antispoof.rebuild([{ label: 'web', ports: [] }], [])).toEqual([]);
  expect(antispoof.change([{ label: 'web', before: [], after: [] }])).toEqual([]);
  expect(inputOf(await antispoof.rebuild([], ['bridge']))).toContain('delete table bridge guestgate');
});

test('single hosts are compared as the kernel lists them', () => {
  const [, , , , source] = entriesOf(port({ sources: ['10.99.0.2/32'] }), 'bridge').map(asListed);
  expect(source).toEqual({ set: 'sources', key: 'vif1.0 . 10.99.0.2' });
});

describe('a confined address', () => {
  const ports = { protocol: 'tcp', ports: { first: 25, last: 26 } } as const;

  test('is in the sets of its family, with what it may open and what is opened', () => {
    const element = { kind: 'confined', access: 'inbound', opened: [ports] } as const;
    expect(
      entriesOf({ ...element, guest: '192.0.2.9', egress: [{ to: '192.0.2.0/24', ...ports }] }, 'inet'),
    ).toEqual([
      { set: 'inbound', key: '192.0.2.9' },
      { set: 'egress', key: '192.0.2.9 . 192.0.2.0/24 . tcp . 25-26' },
      { set: 'opened', key: '192.0.2.9 . tcp . 25-26' },
    ]);
    expect(entriesOf({ ...element, guest: '2001:db8::9' }, 'inet').map(({ set }) => set)).toEqual([
      'inbound6',
      'opened6',
    ]);
    expect(entriesOf({ kind: 'confined', access: 'host', guest: '2001:db8::9' }, 'inet')).toEqual([
      { set: 'local_only6', key: '2001:db8::9' },
    ]);
  });

  test('lives in the table of what belongs to no bridge; its port is closed on the bridge', () => {
    expect(antispoofTablesOf({ kind: 'confined', access: 'host', guest: '192.0.2.9' })).toEqual(['inet']);
    expect(sets(port({ closed: 'bridge' }))).toContain('bridge closed');
    expect(sets(port({ closed: 'bridge', way: 'routed' }))).toContain('inet closed');
    expect(sets(port({ closed: 'all' }))).toContain('bridge silent');
    expect(sets(port({ closed: 'all', way: 'routed' }))).toContain('inet silent');
  });
});
