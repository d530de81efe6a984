import { expect, test } from 'vitest';
import { judgeHostAddresses } from '../../../src/doctor/host-addresses.ts';

const judge = (address: string, own: readonly string[] = [], guest = 'web') =>
  judgeHostAddresses([{ guest, address }], own, (wanted) => (wanted.includes(':') ? 'eth1' : 'eth0'));

test('an address that an interface has is no finding', () => {
  expect(judge('203.0.113.9', ['203.0.113.9'])).toEqual([]);
});

test('one that is missing is added as a single host, to the interface of its family', () => {
  expect(judge('203.0.113.9', ['203.0.113.1'])[0]?.fix).toBe('ip addr add 203.0.113.9/32 dev eth0');
  expect(judge('2001:db8::9')[0]?.fix).toBe('ip addr add 2001:db8::9/128 dev eth1');
});

test('it may be routed to the host: something, not everything, and the guest is quoted', () => {
  expect(judge('203.0.113.9', [], 'a"b')).toMatchObject([
    {
      severity: 'something',
      subject: '203.0.113.9',
      problem: expect.stringMatching(/^guest "a\\"b" uses it/),
    },
  ]);
});
