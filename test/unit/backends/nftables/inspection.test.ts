import { expect, test } from 'vitest';
import { inspection } from '../../../../src/backends/nftables/inspection.ts';
import { forwardOf } from '../../records.ts';

const four = forwardOf(8080);
const six = forwardOf(8080, { host: 'any6', guest: 'fd00:122::41' });
const part = { id: 'qemu-web', label: 'web', elements: [four, six] };
const whole = { guests: [part], networks: [], mark: 0x10000000 };
const counted = (val: unknown, packets: number) => ({
  elem: { val, counter: { packets, bytes: packets * 60 } },
});
const listing = (...sets: object[]) => JSON.stringify({ nftables: [{ metainfo: {} }, ...sets] });
const forward = (key: unknown) => ({
  map: { name: 'forward_any', elem: [[key, { concat: ['192.168.122.41', 80] }]] },
});
const key = { concat: ['tcp', 8080] };
const answering = { set: { name: 'answering', elem: ['192.168.122.41'] } };
const empty = listing({ map: { name: 'forward_any' } }, { set: { name: 'answering' } });

test('each family is compared with its own elements', () => {
  expect(inspection.differences(whole, 'ip', listing(forward(key), answering), empty)).toEqual([]);
  expect(inspection.differences(whole, 'ip6', empty, empty).map(({ problem }) => problem)).toEqual([
    'forward_any { tcp . 8080 } is missing',
    'answering { fd00:122::41 } is missing',
  ]);
});

test('networks have entries without any guest', () => {
  const networks = [{ kind: 'gateway', address: '192.168.122.1' }] as const;
  const [fault] = inspection.differences({ ...whole, guests: [], networks }, 'ip', empty, empty);
  expect(fault?.problem).toBe('gateways { 192.168.122.1 } is missing');
});

test('the reference has the chains and limits, without the entries of guests', () => {
  const { script, input } = inspection.reference(whole, 'ip6');
  expect(script).toContain('nft -j list table ip6 guestgate');
  expect(input).toContain('table ip6 guestgate {');
  expect(input).not.toContain('fd00:122::41');
});

test('the counters of all ports of a range are added; without any counter there is none', () => {
  const range = forwardOf(0, { ports: { first: 80, last: 81 }, to: 90 });
  const elem = [80, 81].map((port, index) => [
    counted({ concat: ['tcp', port] }, index + 3),
    { concat: ['192.168.122.41', port + 10] },
  ]);
  const counter = inspection.counters(listing({ map: { name: 'forward_any', elem } }, answering), 'ip');
  expect(counter(part, range)).toEqual({ packets: 7, bytes: 420 });
  expect(counter(part, forwardOf(99))).toBeUndefined();
  expect(inspection.counters(listing(forward(key), answering), 'ip')(part, four)).toBeUndefined();
});

test('half a listing is an error: it looks like missing rules', () => {
  expect(() => inspection.differences(whole, 'ip', '{"nftables": [', empty)).toThrow('incomplete JSON');
});
