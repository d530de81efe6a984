import { expect, test } from 'vitest';
import { someCounters } from '../../../../src/backends/nftables/some-counters.ts';
import { forwardOf } from '../../records.ts';

const guest = { id: 'qemu-web', label: 'web', elements: [] };
const one = forwardOf(8080);
const shifted = forwardOf(5000, { ports: { first: 5000, last: 5001 } });
const counted = (packets: number) => ({ packets, bytes: 60 * packets });

test('each entry is looked up by its key, and those of an element are added', () => {
  const some = someCounters([one, shifted], 'ip');
  expect(some?.keys.map(({ set, key, end }) => [set, key.toString('hex'), end])).toEqual([
    ['forward_any', '060000001f900000', undefined],
    ['forward_any', '0600000013880000', undefined],
    ['forward_any', '0600000013890000', undefined],
  ]);
  const counters = some?.counters([1, 2, 3].map(counted));
  expect(counters?.(guest, one)).toEqual(counted(1));
  expect(counters?.(guest, shifted)).toEqual(counted(5));
  expect(some?.counters([undefined, counted(2)])(guest, one)).toBeUndefined();
});

test('addresses and ranges are parts of keys, too', () => {
  const range = forwardOf(5000, {
    host: '2001:db8::1',
    ports: { first: 5000, last: 5010 },
    to: 5000,
    guest: 'fd00::2',
    protocol: 'udp',
  });
  const [key] = someCounters([range], 'ip6')?.keys ?? [];
  expect(key).toEqual({
    set: 'range',
    key: Buffer.from('20010db80000000000000000000000011100000013880000', 'hex'),
    end: Buffer.from('20010db80000000000000000000000011100000013920000', 'hex'),
  });
});

test('nothing is looked up where nothing counts', () => {
  expect(someCounters([one], 'ip6')).toBeUndefined();
});
