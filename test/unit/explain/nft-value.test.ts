import { expect, test } from 'vitest';
import { evaluate, isForeign, isSame } from '../../../src/explain/nft-value.ts';
import type { Packet } from '../../../src/explain/packet.ts';
import { sceneOf } from './nft-scene.ts';

const value = (expression: unknown, changes: Partial<Packet> = {}) => evaluate(expression, sceneOf(changes));
const payload = (protocol: string, field: string) => ({ payload: { protocol, field } });

test.each([
  [payload('ip', 'saddr'), '192.0.2.1'],
  [payload('ip', 'daddr'), '198.51.100.1'],
  [payload('ip6', 'saddr'), undefined],
  [payload('ip', 'version'), 4],
  [payload('tcp', 'dport'), 8080],
  [payload('th', 'dport'), 8080],
  [payload('udp', 'dport'), undefined],
  [payload('tcp', 'flags'), ['syn']],
  [payload('tcp', 'window'), undefined],
  [{ meta: { key: 'iifname' } }, 'eth0'],
  [{ meta: { key: 'oifname' } }, ''],
  [{ meta: { key: 'nfproto' } }, 'ipv4'],
  [{ meta: { key: 'pkttype' } }, 'host'],
  [{ meta: { key: 'skuid' } }, undefined],
  [{ ct: { key: 'direction' } }, 'original'],
  [{ ct: { key: 'proto-dst', dir: 'original' } }, 8080],
  [{ ct: { key: 'bytes', dir: 'reply' } }, undefined],
  [{ ct: { key: 'ip saddr', dir: 'original' } }, '192.0.2.1'],
])('%j is %j', (expression, expected) => expect(value(expression)).toEqual(expected));

test('of a packet that was translated, the original destination is where it was sent', () => {
  const changes = { destination: '192.168.122.41', port: 80 };
  expect(value(payload('ip', 'daddr'), changes)).toBe('192.168.122.41');
  expect(value({ ct: { key: 'ip daddr', dir: 'original' } }, changes)).toBe('198.51.100.1');
});

test('an answer comes from where the packet is sent by now, to where it is sent from by now', () => {
  const changes = { destination: '192.168.122.41', port: 80, source: '192.168.122.1', sourcePort: 40_000 };
  const ofReply = (key: string) => value({ ct: { key, dir: 'reply' } }, changes);
  expect(['ip saddr', 'proto-src', 'ip daddr', 'proto-dst'].map(ofReply)).toEqual([
    '192.168.122.41',
    80,
    '192.168.122.1',
    40_000,
  ]);
});

test('marks are numbers of 32 bits without a sign, whatever is done with them', () => {
  const mark = { ct: { key: 'mark' } };
  const changes = { connectionMark: 0x90000000 };
  expect(value({ '&': [mark, 0x80000000] }, changes)).toBe(0x80000000);
  expect(value({ '|': [mark, 1] }, changes)).toBe(0x90000001);
  expect(value({ '^': [mark, 0x90000000] }, changes)).toBe(0);
  expect(value({ '&': ['eth0', 1] })).toBeUndefined();
});

test('of several flags, & leaves those that are asked for', () => {
  expect(value({ '&': [payload('tcp', 'flags'), ['syn', 'ack']] })).toEqual(['syn']);
  expect(value({ '&': [payload('tcp', 'flags'), 'ack'] })).toEqual([]);
});

test('several in a row, one of them unknown', () => {
  expect(value({ concat: [payload('ip', 'saddr'), { meta: { key: 'skuid' } }] })).toEqual([
    '192.0.2.1',
    undefined,
  ]);
});

test('what no packet of this kind has is foreign; what is only unknown is not', () => {
  const { packet } = sceneOf();
  expect(isForeign(payload('ip6', 'saddr'), packet)).toBe(true);
  expect(isForeign(payload('icmp', 'type'), packet)).toBe(true);
  expect(isForeign({ concat: [payload('ip', 'saddr'), payload('udp', 'dport')] }, packet)).toBe(true);
  expect(isForeign(payload('tcp', 'window'), packet)).toBe(false);
  expect(isForeign({ numgen: {} }, packet)).toBe(false);
  expect(isForeign(null, packet)).toBe(false);
});

test('before its turn connection tracking knows only the state of a packet', () => {
  const { packet } = sceneOf({ followed: false });
  expect(isForeign({ ct: { key: 'mark' } }, packet)).toBe(true);
  expect(isForeign({ ct: { key: 'state' } }, packet)).toBe(false);
});

test('protocols are the same by name and by number', () => {
  expect(isSame('tcp', 6)).toBe(true);
  expect(isSame(17, 'udp')).toBe(true);
  expect(isSame('tcp', 17)).toBe(false);
  expect(isSame([6, 'eth0'], ['tcp', 'eth0'])).toBe(true);
  expect(isSame(['eth0'], ['eth0', 'eth1'])).toBe(false);
  expect(isSame('toString', 0)).toBe(false);
});
