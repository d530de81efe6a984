import { expect, test } from 'vitest';
import { fits, isIn, keyOf, matches, not, setNamed } from '../../../src/explain/nft-match.ts';
import type { Packet } from '../../../src/explain/packet.ts';
import { sceneOf } from './nft-scene.ts';

const port = { payload: { protocol: 'tcp', field: 'dport' } };
const ask = (left: unknown, op: string, right: unknown, changes: Partial<Packet> = {}) =>
  matches({ op, left, right }, sceneOf(changes));

test.each([
  ['==', 8080, true],
  ['!=', 8080, false],
  ['<', 8081, true],
  ['<', 8080, false],
  ['<=', 8080, true],
  ['>', 8079, true],
  ['>=', 8081, false],
  ['like', 8080, undefined],
])('the port %s %d: %s', (op, right, answer) => expect(ask(port, op, right)).toBe(answer));

test('what the packet does not have is no match for certain, whatever the operator', () => {
  const udp = { payload: { protocol: 'udp', field: 'dport' } };
  expect(ask(udp, '==', 8080)).toBe(false);
  expect(ask(udp, '!=', 8080)).toBe(false);
  expect(ask({ payload: { protocol: 'ip6', field: 'saddr' } }, '!=', '::1')).toBe(false);
});

test('what cannot be evaluated is neither yes nor no, and stays so when it is turned round', () => {
  expect(ask({ numgen: { mode: 'random', mod: 2 } }, '==', 1)).toBeUndefined();
  expect(ask(port, '<', { numgen: {} })).toBeUndefined();
  expect(not(undefined)).toBeUndefined();
  expect(not(false)).toBe(true);
});

const status = { ct: { key: 'status' } };
test('a status may be several: `in` asks for any, `==` for just these', () => {
  const dnat = { destinationTranslated: true };
  expect(ask(status, 'in', 'dnat', dnat)).toBe(true);
  expect(ask(status, 'in', ['snat', 'dnat'], dnat)).toBe(true);
  expect(ask(status, '!', 'dnat', dnat)).toBe(false);
  expect(ask(status, '==', 'dnat', { ...dnat, sourceTranslated: true })).toBe(false);
  expect(ask(status, '==', 0)).toBe(true);
  expect(ask(status, '!=', 0, dnat)).toBe(true);
  expect(ask(status, '==', 128, dnat), 'a number that is no word').toBeUndefined();
});

test('the state of a connection, as a word or as a set of words', () => {
  const state = { ct: { key: 'state' } };
  expect(ask(state, 'in', ['established', 'related'])).toBe(false);
  expect(ask(state, '==', { set: ['new', 'established'] })).toBe(true);
  expect(ask(state, 'in', 'invalid', { followed: false })).toBe(true);
});

test('a label is asked for by its number; a name is in a file of the host’s', () => {
  const label = { ct: { key: 'label' } };
  expect(ask(label, 'in', 120, { connectionLabels: [120] })).toBe(true);
  expect(ask(label, '!', 120)).toBe(true);
  expect(ask(label, 'in', 'web')).toBeUndefined();
});

const sets = [
  {
    set: {
      family: 'inet',
      table: 't',
      name: 'ports',
      type: 'inet_service',
      elem: [22, { range: [8000, 8100] }, { elem: { val: 443, counter: {} } }],
    },
  },
  { set: { family: 'inet', table: 'other', name: 'secret', type: 'inet_service', elem: [8080] } },
];

test('a named set of the chain’s own table; the set of another table is unknown', () => {
  const scene = sceneOf({}, sets);
  expect(isIn(8080, '@ports', scene)).toBe(true);
  expect(isIn(443, '@ports', scene)).toBe(true);
  expect(isIn(23, '@ports', scene)).toBe(false);
  expect(isIn(8080, '@secret', scene)).toBeUndefined();
  expect(setNamed('@ports', scene)?.name).toBe('ports');
});

test('one element that is unknown makes a miss uncertain, but no hit', () => {
  const scene = sceneOf();
  expect(isIn(80, { set: [{ strange: 1 }, 80] }, scene)).toBe(true);
  expect(isIn(80, { set: [{ strange: 1 }, 81] }, scene)).toBeUndefined();
  expect(isIn(80, { set: [] }, scene)).toBe(false);
});

test('the key of an element: of a map, of one with a counter, of both', () => {
  expect(keyOf([80, 'accept'], true)).toBe(80);
  expect(keyOf([{ elem: { val: 80, comment: 'x' } }, 'accept'], true)).toBe(80);
  expect(keyOf({ elem: { val: 80 } }, false)).toBe(80);
  expect(keyOf([80, 81], false)).toEqual([80, 81]);
});

test.each<[string, Parameters<typeof fits>, boolean | undefined]>([
  ['an interface by its beginning', ['vnet3', 'vnet*'], true],
  ['another interface', ['eth0', 'vnet*'], false],
  ['anything', ['eth0', '*'], true],
  ['an address in a network', ['10.1.2.3', { prefix: { addr: '10.0.0.0', len: 8 } }], true],
  ['an address of the other family', ['fd00::1', { prefix: { addr: '10.0.0.0', len: 8 } }], false],
  ['a word and a network', ['eth0', { prefix: { addr: '10.0.0.0', len: 8 } }], undefined],
  ['the end of a range of addresses', ['10.0.0.9', { range: ['10.0.0.1', '10.0.0.9'] }], true],
  ['behind it', ['10.0.0.10', { range: ['10.0.0.1', '10.0.0.9'] }], false],
  ['a range of IPv6 addresses', ['fd00::1', { range: ['fd00::', 'fd00::9'] }], undefined],
  ['several in a row', [['tcp', 80], { concat: ['tcp', { range: [1, 99] }] }], true],
  ['one of them is wrong, another unknown', [['tcp', 80], { concat: ['udp', { x: 1 }] }], false],
  ['fewer than that', [['tcp'], { concat: ['tcp', 80] }], undefined],
])('%s', (_, [value, pattern], answer) => expect(fits(value, pattern)).toBe(answer));
