import { expect, test } from 'vitest';
import { entriesOf } from '../../../../src/backends/iptables/entries.ts';
import { chainsOf } from '../../../../src/backends/iptables/matches.ts';
import type { FamilyElement } from '../../../../src/model/element.ts';
import { forwardOf } from '../../records.ts';

const guest = '192.168.122.41';
const own = chainsOf('qemu-web');
const claim = { host: 'any', protocol: 'tcp', ports: { first: 8080, last: 8080 } } as const;
const rules = (elements: readonly FamilyElement[], label = 'web', family: 'ip' | 'ip6' = 'ip') =>
  entriesOf({ id: 'qemu-web', label, elements }, family);
const inChain = (elements: readonly FamilyElement[], chain: string) =>
  rules(elements).flatMap((one) => (one.chain === chain ? [one.rule] : []));

test('a guest without elements of the family has no rules, and no chains', () => {
  expect(rules([])).toEqual([]);
  expect(rules([forwardOf(80)], 'web', 'ip6')).toEqual([]);
});

test('who may, how many, how often, and then where to: whatever the order of the elements', () => {
  const elements: FamilyElement[] = [
    forwardOf(8080),
    { kind: 'rate-limit', at: claim, rate: { connections: 5, per: 'second' } },
    { kind: 'connection-limit', at: claim, connections: 3 },
    { kind: 'source-filter', claim, from: ['10.0.0.0/8'] },
  ];
  const kinds = (all: readonly FamilyElement[]) =>
    inChain(all, own.any).map((rule) => /-j GUESTGATE-\w+-FROM|connlimit|hashlimit|DNAT/.exec(rule)?.[0]);
  const expected = [`-j ${own.from(0).slice(0, -1)}`, 'connlimit', 'hashlimit', 'DNAT'];
  expect(kinds(elements)).toEqual(expected);
  expect(kinds(elements.toReversed())).toEqual(expected);
});

test('a list of sources that several forwards share is one chain: the host itself may, then the list, then none', () => {
  const other = { ...claim, ports: { first: 81, last: 81 } };
  const from = ['10.0.0.0/8', '198.51.100.0/24'];
  const elements: FamilyElement[] = [
    { kind: 'source-filter', claim, from },
    { kind: 'source-filter', claim: other, from },
    { kind: 'source-filter', claim: { ...claim, protocol: 'udp' }, from: ['10.0.0.0/8'] },
  ];
  expect(inChain(elements, own.from(0))).toEqual([
    '-m addrtype --src-type LOCAL -j RETURN',
    '-s 10.0.0.0/8 -j RETURN',
    '-s 198.51.100.0/24 -j RETURN',
    '-j GUESTGATE-REFUSE',
  ]);
  expect(inChain(elements, own.from(1))).toHaveLength(3);
  expect(inChain(elements, own.from(2))).toEqual([]);
});

test('the same list for an open port is another chain: in mangle it drops, where nat could not', () => {
  const ports = { first: 80, last: 80 };
  const elements: FamilyElement[] = [
    { kind: 'source-filter', claim, from: ['10.0.0.0/8'] },
    { kind: 'open-source-filter', guest, protocol: 'tcp', ports, from: ['10.0.0.0/8'] },
  ];
  const found = rules(elements).filter(({ chain }) => chain === own.from(1));
  expect(found.map(({ table, rule }) => `${table} ${rule}`)).toEqual([
    'mangle -s 10.0.0.0/8 -j RETURN',
    'mangle -j DROP',
  ]);
});

test('an empty list of sources refuses all but the host', () => {
  expect(inChain([{ kind: 'source-filter', claim, from: [] }], own.from(0))).toEqual([
    '-m addrtype --src-type LOCAL -j RETURN',
    '-j GUESTGATE-REFUSE',
  ]);
});

test('each list of denied sources has a chain, and each guest address leads to its own', () => {
  const elements: FamilyElement[] = [
    { kind: 'denied', guest, from: ['10.0.0.0/8'] },
    { kind: 'denied', guest: '192.168.150.9', from: ['10.0.0.0/8'] },
    { kind: 'denied', guest: '192.168.160.9', from: ['172.16.0.0/12'] },
  ];
  expect(inChain(elements, own.denied(0))).toEqual(['-s 10.0.0.0/8 -j DROP']);
  expect(inChain(elements, own.denied(1))).toEqual(['-s 172.16.0.0/12 -j DROP']);
  expect(inChain(elements, 'GUESTGATE-DENIED').map((rule) => rule.split(' ').at(-1))).toEqual([
    own.denied(0),
    own.denied(0),
    own.denied(1),
  ]);
});

test('a label that begins like an option is encoded in each rule', () => {
  for (const { rule } of rules([forwardOf(8080)], '-j')) expect(rule).not.toContain('--comment -');
});

test('counters count for the element of a translation or of an open port, and for nothing else', () => {
  const forward = forwardOf(8080);
  const counted = rules([forward, { kind: 'source-filter', claim, from: [] }]).filter(
    ({ element }) => element,
  );
  expect(counted.map(({ element }) => element)).toEqual([forward]);
});
