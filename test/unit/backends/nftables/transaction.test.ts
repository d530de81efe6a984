import { expect, test } from 'vitest';
import { entriesOf } from '../../../../src/backends/nftables/entries.ts';
import { asListed } from '../../../../src/backends/nftables/entry.ts';
import { parseListing } from '../../../../src/backends/nftables/listing.ts';
import { rebuildEntries } from '../../../../src/backends/nftables/rebuild.ts';
import { changeEntries } from '../../../../src/backends/nftables/transaction.ts';
import type { FamilyElement, ForwardElement } from '../../../../src/model/element.ts';
import { plan } from '../../../../src/planner/plan.ts';
import { Random } from '../../planner/random.ts';

const guest = '192.168.122.41';
const forward = (host: string, first: number, last: number, to: number): ForwardElement => ({
  kind: 'forward',
  host,
  protocol: 'tcp',
  ports: { first, last },
  guest,
  to,
});

test.each<[FamilyElement, object[]]>([
  [forward('any', 80, 80, 80), [{ set: 'forward_any', key: 'tcp . 80', value: `${guest} . 80` }]],
  [
    forward('203.0.113.1', 8443, 8443, 443),
    [{ set: 'forward', key: '203.0.113.1 . tcp . 8443', value: `${guest} . 443` }],
  ],
  [forward('any', 60000, 60010, 60000), [{ set: 'range_any', key: 'tcp . 60000-60010', value: guest }]],
  [
    forward('203.0.113.1', 60000, 60010, 60000),
    [{ set: 'range', key: '203.0.113.1 . tcp . 60000-60010', value: guest }],
  ],
  [
    forward('any', 9000, 9002, 8888),
    [9000, 9001, 9002].map((port) => ({
      set: 'forward_any',
      key: `tcp . ${port}`,
      value: `${guest} . ${port - 112}`,
    })),
  ],
  [{ kind: 'one-to-one', host: '203.0.113.1', guest }, [{ set: 'public', key: '203.0.113.1', value: guest }]],
  [
    { kind: 'source-nat', guest, interface: 'eth0', address: '203.0.113.1' },
    [
      { set: 'source_nat', key: `${guest} . "eth0"`, value: '203.0.113.1' },
      { set: 'outgoing', key: `${guest} . "eth0"` },
      { set: 'leaving', key: guest },
    ],
  ],
  [
    { kind: 'network-nat', network: '192.168.122.0/24', interface: 'eth0', address: '203.0.113.9' },
    [{ set: 'network_nat', key: '192.168.122.0/24 . "eth0"', value: '203.0.113.9' }],
  ],
  [{ kind: 'absent', address: '203.0.113.9', guest: 'mail' }, [{ set: 'absent', key: '203.0.113.9' }]],
  [
    {
      kind: 'source-filter',
      claim: { host: 'any', protocol: 'udp', ports: { first: 1, last: 9 } },
      from: ['10.0.0.0/8'],
    },
    [
      { set: 'filtered_any', key: 'udp . 1-9' },
      { set: 'sources_any', key: '10.0.0.0/8 . udp . 1-9' },
    ],
  ],
  [
    {
      kind: 'source-filter',
      claim: { host: '1.1.1.1', protocol: 'udp', ports: { first: 1, last: 1 } },
      from: [],
    },
    [{ set: 'filtered', key: '1.1.1.1 . udp . 1' }],
  ],
  [
    { kind: 'source-filter', claim: { host: '1.1.1.1' }, from: ['10.1.2.3/32'] },
    [
      { set: 'filtered_public', key: '1.1.1.1' },
      { set: 'sources_public', key: '10.1.2.3/32 . 1.1.1.1' },
    ],
  ],
  [
    { ...forward('any6', 80, 80, 80), guest: 'fd00::41' },
    [{ set: 'forward_any', key: 'tcp . 80', value: 'fd00::41 . 80' }],
  ],
  [
    { kind: 'open', guest, protocol: 'sctp', ports: { first: 9, last: 9 } },
    [{ set: 'open', key: `${guest} . sctp . 9` }],
  ],
  [
    { kind: 'open', guest, protocol: 'tcp', ports: { first: 1, last: 9 } },
    [{ set: 'open_range', key: `${guest} . tcp . 1-9` }],
  ],
  [
    {
      kind: 'open-source-filter',
      guest,
      protocol: 'tcp',
      ports: { first: 1, last: 9 },
      from: ['10.0.0.0/8'],
    },
    [
      { set: 'filtered_open', key: `${guest} . tcp . 1-9` },
      { set: 'sources_open', key: `10.0.0.0/8 . ${guest} . tcp . 1-9` },
    ],
  ],
  [
    { kind: 'hairpin', bridge: 'virbr0' },
    [
      { set: 'hairpin', key: '"virbr0" . "virbr0"' },
      { set: 'inner', key: '"virbr0"' },
    ],
  ],
  [{ kind: 'hairpin', bridge: 'br0', uplink: true }, [{ set: 'hairpin', key: '"br0" . "br0"' }]],
  [{ kind: 'gateway', address: '192.168.122.1' }, [{ set: 'gateways', key: '192.168.122.1' }]],
])('entries of %j', (element, entries) =>
  expect(entriesOf(element).filter(({ set }) => set !== 'answering')).toEqual(entries),
);

test.each([
  [forward('any', 80, 80, 80)],
  [forward('any', 9000, 9002, 8888)],
  [{ kind: 'one-to-one', host: '203.0.113.1', guest }],
  [{ kind: 'open', guest, protocol: 'tcp', ports: { first: 1, last: 9 } }],
] as const)('the guest of %j answers, and has one entry for it', (element) => {
  expect(entriesOf(element).filter(({ set }) => set === 'answering')).toEqual([
    { set: 'answering', key: guest },
  ]);
  const both = [{ element }, { element: forward('any', 81, 81, 81) }];
  expect(changeEntries([], both).input?.match(/answering \{.*\}/g)).toEqual([`answering { ${guest} }`]);
});

test('an entry that two elements have is deleted once', () => {
  const leaving = (name: string): FamilyElement => ({
    kind: 'source-nat',
    guest,
    interface: name,
    address: '203.0.113.1',
  });
  const { input } = changeEntries([leaving('eth0'), leaving('eth1')], []);
  expect(input).toContain(`delete element ip guestgate leaving { ${guest} }`);
});

test('entries as the kernel tells them', () => {
  expect(asListed({ set: 's', key: '10.1.2.3/32 . "eth0"', value: 'v' })).toEqual({
    set: 's',
    key: '10.1.2.3 . eth0',
    value: 'v',
  });
  const key = '2001:db8::/32 . 2001:db8::5/128 . tcp . 80';
  expect(asListed({ set: 's', key }).key).toBe('2001:db8::/32 . 2001:db8::5 . tcp . 80');
});

test('each family has its table, and IPv6 has one only where something of it is', () => {
  const six: FamilyElement = { kind: 'one-to-one', host: '2001:db8::1', guest: 'fd00::41' };
  const four = forward('any', 80, 80, 80);
  expect(changeEntries([six], [{ element: four }, { element: six }]).input).toBe(
    `delete element ip6 guestgate public { 2001:db8::1 }
delete element ip6 guestgate answering { fd00::41 }
add element ip guestgate forward_any { tcp . 80 : ${guest} . 80 }
add element ip guestgate answering { ${guest} }
add element ip6 guestgate public { 2001:db8::1 : fd00::41 }
add element ip6 guestgate answering { fd00::41 }
`,
  );
  const tables = (...args: Parameters<typeof rebuildEntries>) =>
    rebuildEntries(...args).input?.match(/^(add|delete)? ?table \S+/gm);
  const clearing = ['add table ip', 'delete table ip'];
  const clearing6 = ['add table ip6', 'delete table ip6'];
  expect(tables([{ element: four }], 1)).toEqual([...clearing, ...clearing6, 'table ip']);
  expect(tables([{ element: six }], 1)).toEqual([...clearing, ...clearing6, 'table ip', 'table ip6']);
  expect(tables([], 1, ['ip6'])).toEqual([...clearing, ...clearing6, 'table ip', 'table ip6']);
  expect(tables([{ element: four }], 1, [], ['ip'])).toEqual([...clearing, 'table ip']);
});

test('a change removes first, then adds, a statement a set, labels encoded before', () => {
  const { program, args, input } = changeEntries(
    [forward('any', 80, 80, 80)],
    [
      { element: forward('any', 81, 81, 80), label: 'a%20b' },
      { element: forward('any', 82, 82, 80), label: 'a%20b' },
      { element: { kind: 'hairpin', bridge: 'virbr0' } },
    ],
  );
  expect([program, ...args]).toEqual(['nft', '-f', '-']);
  expect(input).toBe(`delete element ip guestgate forward_any { tcp . 80 }
delete element ip guestgate answering { ${guest} }
add element ip guestgate forward_any {
	tcp . 81 comment "a%20b" : ${guest} . 80,
	tcp . 82 comment "a%20b" : ${guest} . 80
}
add element ip guestgate answering { ${guest} comment "a%20b" }
add element ip guestgate hairpin { "virbr0" . "virbr0" }
add element ip guestgate inner { "virbr0" }
`);
});

test('what a limit counts with comes before its entry, and goes after it', () => {
  const at = { host: 'any6', protocol: 'tcp', ports: { first: 80, last: 89 } } as const;
  const limits: FamilyElement[] = [
    { kind: 'rate-limit', at: { ...at, host: '2001:db8::1' }, rate: { connections: 10, per: 'second' } },
    { kind: 'connection-limit', at, connections: 20 },
  ];
  expect(
    changeEntries(
      [],
      limits.map((element) => ({ element, label: 'x' })),
    ).input,
  ).toBe(
    `add limit ip6 guestgate rate_2001_db8__1_tcp_80-89_10_second { rate over 10/second burst 10 packets; }
add set ip6 guestgate count_any6_tcp_80-89_20 { type ipv6_addr; size 65535; flags dynamic; }
add chain ip6 guestgate count_any6_tcp_80-89_20
flush chain ip6 guestgate count_any6_tcp_80-89_20
add rule ip6 guestgate count_any6_tcp_80-89_20 add @count_any6_tcp_80-89_20 { ip6 saddr ct count over 20 } counter drop
add element ip6 guestgate rated { 2001:db8::1 . tcp . 80-89 comment "x" : rate_2001_db8__1_tcp_80-89_10_second }
add element ip6 guestgate counted_any { tcp . 80-89 comment "x" : jump count_any6_tcp_80-89_20 }
`,
  );
  expect(changeEntries(limits, []).input).toBe(
    `delete element ip6 guestgate rated { 2001:db8::1 . tcp . 80-89 }
delete element ip6 guestgate counted_any { tcp . 80-89 }
delete limit ip6 guestgate rate_2001_db8__1_tcp_80-89_10_second
delete chain ip6 guestgate count_any6_tcp_80-89_20
delete set ip6 guestgate count_any6_tcp_80-89_20
`,
  );
});

test('a change of nothing is nothing', () => expect(changeEntries([], []).input).toBe(''));

test('long lists are cut into statements', () => {
  const input = changeEntries([forward('any', 1, 2500, 2)], []).input ?? '';
  expect(input.match(/delete element ip guestgate forward_any/g)).toHaveLength(3);
});

test('whatever is planned, nothing but addresses, numbers and checked names is written', () => {
  const random = new Random(5);
  for (let round = 0; round < 200; round++) {
    const { elements } = plan(random.policy(), random.guest(), random.host());
    const input =
      changeEntries(
        elements,
        elements.map((element) => ({ element, label: 'x' })),
      ).input ?? '';
    const name = '(rate|count)_[0-9a-z._-]+';
    const object = `ip6? guestgate ${name}`;
    const known = new RegExp(
      [
        '^((add|delete) element ip6? guestgate [a-z_]+ \\{.*',
        `\\t[0-9a-z.:/ "-]+( comment "x")?( : ([0-9a-f.: ]+|(jump )?${name}))?,?`,
        `(add|delete|flush) (limit|set|chain) ${object}( \\{ [0-9a-z_/;: ]+ \\})?`,
        `add rule ${object} add @${name} \\{ ip6? saddr ct count over \\d+ \\} counter drop`,
        '\\})?$',
      ].join('|'),
    );
    for (const line of input.split('\n')) expect(line).toMatch(known);
  }
});

test('listings: entries with ranges, prefixes, concatenations, counters and comments', () => {
  const listing = parseListing(
    JSON.stringify({
      nftables: [
        { metainfo: { version: '1.0.6' } },
        { table: { family: 'ip', name: 'guestgate', handle: 5 } },
        {
          map: {
            name: 'forward',
            handle: 1,
            elem: [
              [
                {
                  elem: {
                    val: { concat: ['1.1.1.1', 'tcp', 80] },
                    comment: 'x',
                    counter: { packets: 3, bytes: 180 },
                  },
                },
                { concat: ['2.2.2.2', 80] },
              ],
              [{ concat: ['1.1.1.1', 'tcp', { range: [1, 9] }] }, '2.2.2.2'],
            ],
          },
        },
        {
          set: {
            name: 'sources',
            elem: [{ concat: [{ prefix: { addr: '10.0.0.0', len: 8 } }, 'tcp', 1] }, '3.3.3.3'],
          },
        },
        { set: { name: 'empty' } },
        { rule: { handle: 9, expr: [{ counter: { packets: 1, bytes: 2 } }, { drop: null }] } },
      ],
    }),
    'ip',
  );
  expect(listing.entries).toEqual([
    { set: 'forward', key: '1.1.1.1 . tcp . 80', value: '2.2.2.2 . 80', packets: 3, bytes: 180 },
    { set: 'forward', key: '1.1.1.1 . tcp . 1-9', value: '2.2.2.2' },
    { set: 'sources', key: '10.0.0.0/8 . tcp . 1' },
    { set: 'sources', key: '3.3.3.3' },
  ]);
  expect(listing.baseRuleset).toHaveLength(5);
  expect(listing.baseRuleset.join()).not.toMatch(/handle|elem|packets/);
});
