import { expect, test } from 'vitest';
import { judgeWaysBack } from '../../../src/doctor/ways-back.ts';

const way = {
  guest: { driver: 'qemu', name: 'web' },
  address: '192.168.122.41',
  inside: 'virbr0',
  uplinks: ['eth0', 'eth1'],
} as const;

test('answers must leave by each uplink that connections come in by, with a mark or without', () => {
  expect(judgeWaysBack([{ ...way, out: ['eth0', 'eth1'] }])).toEqual([]);
  expect(judgeWaysBack([{ ...way, out: ['eth0'] }])).toMatchObject([
    {
      problem:
        'distant clients that come in by eth1 get no answer from 192.168.122.41: its answers leave by eth0',
      fix: 'ip -4 route get 192.0.2.1 from 192.168.122.41 iif virbr0',
    },
  ]);
  expect(judgeWaysBack([{ ...way, address: 'fd00::41', out: [] }])).toMatchObject([
    {
      problem: expect.stringMatching(/eth0 or eth1 .* its answers have no route$/),
      fix: 'ip -6 route get 2001:db8:ffff::1 from fd00::41 iif virbr0',
    },
  ]);
});
