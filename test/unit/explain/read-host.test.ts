import { expect, test } from 'vitest';
import { packetOf } from '../../../src/explain/explain.ts';
import {
  interfaceTowards,
  listRoutes,
  readHostOf,
  rulesOf,
  unresolvedNeighbours,
} from '../../../src/explain/read-host.ts';
import type { KernelCommand } from '../../../src/model/command.ts';

/** Answers of ip(8) by its arguments, and the questions that were asked. */
function asking(answers: Readonly<Record<string, unknown>>) {
  const asked: string[] = [];
  const ask = ({ program, args }: KernelCommand) => {
    const question = [program, ...args].join(' ');
    asked.push(question);
    const found = Object.entries(answers).find(([end]) => question.endsWith(end));
    return found && (typeof found[1] === 'string' ? found[1] : JSON.stringify(found[1]));
  };
  return { ask, asked };
}
const address = [
  { ifname: 'eth0', addr_info: [{ local: '198.51.100.1', broadcast: '198.51.100.255' }] },
  { ifname: 'wg0' },
];
const settings = { forwards: () => true, checksSources: () => false };
const host = (answers: Readonly<Record<string, unknown>>, more = {}) => {
  const { ask, asked } = asking({ ' address': address, ...answers });
  return { facts: readHostOf('ip', { ...settings, ...more }, ask), asked };
};

test('the type of an address, for the host and as one interface sees it', () => {
  const { facts } = host({});
  expect(facts.addressType('198.51.100.1')).toBe('local');
  expect(facts.addressType('127.8.9.1')).toBe('local');
  expect(facts.addressType('198.51.100.255')).toBe('broadcast');
  expect(facts.addressType('239.1.1.1')).toBe('multicast');
  expect(facts.addressType('198.51.100.2')).toBe('unicast');
  expect(facts.addressTypeOn('198.51.100.1', 'wg0')).toBe('unicast');
  expect(facts.addressTypeOn('198.51.100.1', 'eth0')).toBe('local');
  expect(facts.firstAddress('wg0', 'ip')).toBeUndefined();
});

const packet = packetOf({ address: '10.0.0.1', port: 80, protocol: 'tcp' }, '192.0.2.1', 'eth0');

test('a route is asked for once, as the packet would take it', () => {
  const { facts, asked } = host({ 'route get 10.0.0.1 from 192.0.2.1 iif eth0': [{ dev: 'virbr0' }] });
  expect(facts.route(packet)).toEqual({ kind: 'out', interface: 'virbr0' });
  facts.route({ ...packet, port: 81 });
  expect(asked.filter((one) => one.includes('route get'))).toHaveLength(1);
});

test('the mark of the packet is part of the question', () => {
  const { facts, asked } = host({});
  facts.route({ ...packet, input: undefined as never, mark: 5 });
  expect(asked.at(-1)).toMatch(/route get 10\.0\.0\.1 mark 5$/);
});

test.each([
  ['forwarding is off', { forwards: () => false }, 'forwarding'],
  ['the source is checked', { checksSources: () => true }, 'rp-filter'],
  ['neither', {}, 'no-route'],
])('where the kernel refuses a packet without a reason: %s', (_, more, why) => {
  const { facts } = host({ 'route get 10.0.0.1': [{ dev: 'virbr0' }] }, more);
  expect(facts.route(packet)).toEqual({ kind: 'none', why, otherwise: 'virbr0' });
});

test('a route that drops is none, and one to the host itself is local', () => {
  expect(host({ 'iif eth0': [{ type: 'local', dev: 'lo' }] }).facts.route(packet)).toEqual({ kind: 'local' });
  expect(host({ 'route get 10.0.0.1': [{ type: 'blackhole', dev: 'lo' }] }).facts.route(packet)).toEqual({
    kind: 'none',
    why: 'no-route',
  });
});

test('the interface on which packets of an address arrive', () => {
  const { ask } = asking({
    'route get 192.0.2.1': [{ dev: 'eth0' }],
    'route get 198.51.100.1': [{ type: 'local', dev: 'lo' }],
  });
  expect(interfaceTowards('192.0.2.1', 'ip', ask)).toBe('eth0');
  expect(interfaceTowards('198.51.100.1', 'ip', ask)).toBeUndefined();
  expect(interfaceTowards('203.0.113.1', 'ip', ask)).toBeUndefined();
});

test('a host without ip(8) has no routes', () => {
  expect(listRoutes('ip6', () => undefined)).toEqual([]);
});

test('a neighbour that answers on another interface is not one that does not', () => {
  const { ask } = asking({
    'neighbour show': [
      { dst: '192.168.122.41', state: ['FAILED'] },
      { dst: '192.168.122.42', state: ['INCOMPLETE'] },
      { dst: '192.168.122.42', state: ['REACHABLE'] },
      { dst: '192.168.122.43', state: ['STALE'] },
      { state: ['FAILED'] },
    ],
  });
  expect([...unresolvedNeighbours('ip', ask)]).toEqual(['192.168.122.41']);
});

test('tables of iptables-legacy are listed only where the kernel has any', () => {
  const { ask, asked } = asking({ save: '*filter\n:FORWARD DROP [0:0]\nCOMMIT\n' });
  const nft = { ruleset: { chains: [], sets: [] }, texts: new Map() } as never;
  expect(rulesOf('ip6', nft, false, ask).saved.legacy).toEqual([]);
  expect(asked).toEqual(['ip6tables-nft-save']);
  expect(rulesOf('ip', nft, true, ask).saved.legacy).toHaveLength(1);
});
