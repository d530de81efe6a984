import { describe, expect, test } from 'vitest';
import { type HeadRulePlace, headRulePlaces } from '../../../src/backends/head-rules.ts';
import { families } from '../../../src/model/address.ts';

const mark = 0x10000000;

function place(name: string, host = { legacyFilter: true, iptables: true }): HeadRulePlace {
  const all = families.flatMap((family) => headRulePlaces(host, family));
  const found = all.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no place ${name}`);
  return found;
}

const listed = (...rules: object[]) =>
  JSON.stringify({
    nftables: [
      { metainfo: { version: '1.0.6' } },
      { chain: { name: 'x' } },
      ...rules.map((rule) => ({ rule })),
    ],
  });
const rule = (handle: number, more: object = {}) => ({
  handle,
  expr: [{ counter: null }, { accept: null }],
  ...more,
});

test('the places of head rules', () => {
  const at = (legacyFilter: boolean, iptables: boolean) =>
    headRulePlaces({ legacyFilter, iptables }).map(({ name }) => name);
  expect(at(false, true)).toEqual(['ip libvirt_network forward', 'iptables FORWARD']);
  expect(at(true, true)).toEqual([
    'ip libvirt_network forward',
    'iptables FORWARD',
    'iptables-legacy FORWARD',
  ]);
  expect(at(false, false)).toEqual(['ip libvirt_network forward', 'ip filter FORWARD']);
  const everything = { legacyFilter: true, iptables: true };
  expect(headRulePlaces(everything, 'ip6').map(({ name }) => name)).toEqual([
    'ip6 libvirt_network forward',
    'ip6tables FORWARD',
    'ip6tables-legacy FORWARD',
  ]);
  expect(headRulePlaces(everything, 'ip6').map(({ native }) => native?.chain)).toEqual([
    { family: 'ip6', table: 'libvirt_network', chain: 'forward' },
    { family: 'ip6', table: 'filter', chain: 'FORWARD' },
    undefined,
  ]);
});

describe("libvirt's nft table", () => {
  const libvirt = place('ip libvirt_network forward');
  const ours = (handle: number) => rule(handle, { comment: 'guestgate' });

  test.each([
    ['no such chain', undefined, { needed: false, first: false, found: [] }],
    ['an empty chain', listed(), { needed: true, first: false, found: [] }],
    [
      'none of ours',
      listed(rule(1), rule(2, { comment: 'guest' })),
      { needed: true, first: false, found: [] },
    ],
    ['ours first', listed(ours(7), rule(1)), { needed: true, first: true, found: [7] }],
    ['ours further down', listed(rule(1), ours(7)), { needed: true, first: false, found: [7] }],
    ['ours twice', listed(ours(7), ours(8)), { needed: true, first: false, found: [7, 8] }],
    ['a rule without expressions', listed({ handle: 1 }), { needed: true, first: false, found: [] }],
  ])('%s', (_, listing, state) => expect(libvirt.judge(listing)).toEqual(state));

  test.each(['nonsense', '', '{"nftables": [{"rule"'])(
    'a listing that is not whole is none: %j',
    (listing) => {
      expect(() => libvirt.judge(listing)).toThrow(/nft -j .* succeeded, but printed incomplete JSON/);
    },
  );

  test('what it would be set right with, in one transaction', () => {
    const state = libvirt.judge(listed(rule(1), ours(7), ours(8)));
    expect(libvirt.assert(state, mark).input).toBe(
      `delete rule ip libvirt_network forward handle 7
delete rule ip libvirt_network forward handle 8
insert rule ip libvirt_network forward ct mark & 0x10000000 == 0x10000000 counter accept comment "guestgate"
`,
    );
    expect(libvirt.remove(state).input).not.toContain('insert');
  });
});

describe("iptables' nft table", () => {
  const iptables = place('iptables FORWARD');
  const jump = (handle: number, target: string) =>
    rule(handle, { expr: [{ counter: null }, { jump: { target } }] });

  test.each([
    [
      'libvirt first',
      listed(jump(1, 'LIBVIRT_FWX'), jump(2, 'GUESTGATE-FORWARD')),
      { needed: true, first: false, found: [2] },
    ],
    [
      'ours first',
      listed(jump(2, 'GUESTGATE-FORWARD'), jump(1, 'LIBVIRT_FWX')),
      { needed: true, first: true, found: [2] },
    ],
    [
      'one that begins alike',
      listed(jump(2, 'GUESTGATE-FORWARD2')),
      { needed: true, first: false, found: [] },
    ],
  ])('%s', (_, listing, state) => expect(iptables.judge(listing)).toEqual(state));

  test('it goes in through iptables, which reads it, and every old jump goes', () => {
    const { program, args, input } = iptables.assert(
      iptables.judge(listed(jump(1, 'X'), jump(2, 'GUESTGATE-FORWARD'))),
      mark,
    );
    expect([program, ...args]).toEqual(['iptables-nft-restore', '--noflush', '-w', '3']);
    expect(input).toBe(`*filter
:GUESTGATE-FORWARD - [0:0]
-D FORWARD -j GUESTGATE-FORWARD
-I FORWARD 1 -j GUESTGATE-FORWARD
-A GUESTGATE-FORWARD -m connmark --mark 0x10000000/0x10000000 -j ACCEPT
COMMIT
`);
  });
});

test('those of IPv6 are looked at and put by the programs of that family', () => {
  const [libvirt, iptables, legacy] = [
    'ip6 libvirt_network forward',
    'ip6tables FORWARD',
    'ip6tables-legacy FORWARD',
  ].map((name) => place(name));
  const state = { needed: true, first: false, found: [] };
  expect(libvirt?.assert(state, mark).input).toContain('insert rule ip6 libvirt_network forward ');
  expect(iptables?.assert(state, mark).program).toBe('ip6tables-nft-restore');
  expect(iptables?.list.args).toEqual(['-j', '-a', 'list', 'chain', 'ip6', 'filter', 'FORWARD']);
  expect(legacy?.list).toMatchObject({ program: 'ip6tables-legacy-save', alternatives: ['ip6tables-save'] });
});

test.each([
  ['', { needed: false, first: false, found: [] }],
  ['*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n', { needed: false, first: false, found: [] }],
  ['*filter\n:FORWARD DROP [0:0]\nCOMMIT\n', { needed: true, first: false, found: [] }],
  [
    '*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -j DOCKER\nCOMMIT\n',
    { needed: true, first: false, found: [] },
  ],
  [
    '*filter\n:FORWARD DROP [0:0]\n-A FORWARD -j GUESTGATE-FORWARD\n-A FORWARD -j DOCKER\n',
    { needed: true, first: true, found: [0] },
  ],
  [
    '*filter\n:FORWARD DROP [0:0]\n-A FORWARD -j DOCKER\n-A FORWARD -j GUESTGATE-FORWARD\n',
    { needed: true, first: false, found: [1] },
  ],
])('the older tables: %j', (listing, state) =>
  expect(place('iptables-legacy FORWARD').judge(listing)).toEqual(state),
);
