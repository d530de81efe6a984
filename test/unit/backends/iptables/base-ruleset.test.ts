import { expect, test } from 'vitest';
import { baseRuleset } from '../../../../src/backends/iptables/base-ruleset.ts';
import { chains } from '../../../../src/backends/iptables/chains.ts';
import { tableNames } from '../../../../src/backends/iptables/tables.ts';
import { type Family, families } from '../../../../src/model/address.ts';
import type { NetworkElement } from '../../../../src/model/network-element.ts';

const mark = 0x10000000;
const bit = '0x10000000/0x10000000';
const bridge: NetworkElement = { kind: 'hairpin', bridge: 'virbr0' };
const absent: NetworkElement = { kind: 'absent', address: '203.0.113.9', guest: 'web "1"' };
const ordered = (
  networks: readonly NetworkElement[],
  table: 'filter' | 'mangle',
  chain: string,
  family: Family = 'ip',
) => baseRuleset(networks, mark, family)[table].get(chain)?.ordered;

test.each(families)('%s: each of our chains that a rule leads to is made in its table', (family) => {
  const address = family === 'ip' ? '203.0.113.9' : '2001:db8::9';
  const tables = baseRuleset([{ ...absent, address }, bridge], mark, family);
  for (const table of tableNames)
    for (const rule of [...tables[table].values()].flatMap((chain) => chain.ordered)) {
      const target = /-[jg] (GUESTGATE-\S+)$/.exec(rule)?.[1];
      // The administrator's own chain is made apart: it is never emptied.
      if (target !== undefined && target !== 'GUESTGATE-USER')
        expect([...tables[table].keys()], rule).toContain(target);
    }
});

test('the administrator’s own rules come before our accept, and see our connections alone', () => {
  expect(ordered([], 'filter', chains.forward)).toEqual([
    `-m connmark --mark ${bit} -j GUESTGATE-USER`,
    `-m connmark --mark ${bit} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
    `-m connmark ! --mark ${bit} -j RETURN`,
  ]);
});

test('only our bit is ever written', () => {
  const rules = tableNames.flatMap((table) =>
    [...baseRuleset([bridge], 0x4, 'ip')[table].values()].flatMap((chain) => chain.ordered),
  );
  const written = rules.flatMap((rule) => /--set-xmark (\S+)/.exec(rule)?.[1] ?? []);
  expect(new Set(written)).toEqual(new Set(['0x00000004/0x00000004', '0x0/0x00000004']));
});

test('a bridge is noted once, though several networks may name it', () => {
  expect(ordered([bridge, { ...bridge, uplink: true }], 'mangle', chains.untranslated)).toEqual([
    '-i virbr0 -o virbr0 -j RETURN',
    '-j GUESTGATE-OPEN',
  ]);
});

test('packets for an absent guest are dropped, but for answers; its name is encoded', () => {
  expect(ordered([absent], 'mangle', chains.absent)).toEqual([
    '-m conntrack --ctdir REPLY -j RETURN',
    '-d 203.0.113.9 -m comment --comment web%20%221%22 -j DROP',
  ]);
  expect(ordered([], 'mangle', chains.absent)).toBeUndefined();
});

test('in IPv6, what finds neighbours is answered for an absent guest, too', () => {
  const rules = ordered([{ ...absent, address: '2001:db8::9' }], 'mangle', chains.absent, 'ip6') ?? [];
  expect(rules.filter((rule) => rule.includes('icmpv6-type'))).toHaveLength(2);
  expect(ordered([absent], 'mangle', chains.absent, 'ip6'), 'of the other family').toBeUndefined();
});

test('a network that leaves with an address of its own is noted for first packets that are not ours', () => {
  const element = {
    kind: 'network-nat',
    network: '192.168.122.0/24',
    interface: 'eth0',
    address: '203.0.113.9',
  } as const;
  expect(ordered([element], 'mangle', chains.postrouting)?.at(-1)).toBe(
    `-s 192.168.122.0/24 -o eth0 -m connmark ! --mark ${bit} -m conntrack ! --ctstatus CONFIRMED -j GUESTGATE-DEPART`,
  );
});
