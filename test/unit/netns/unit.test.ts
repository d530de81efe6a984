import { expect, test } from 'vitest';
import type { NamespaceRequest } from '../../../src/model/namespace.ts';
import { readNamespaceRequest } from '../../../src/netns/read-request.ts';
import { addArguments, isOurUnit, renderUnit, unitName } from '../../../src/netns/unit.ts';

const own = readNamespaceRequest('web', {
  address: ['10.200.1.2/24', 'fd00:200::2/64'],
  gateway: [],
  dns: [],
});

test('the unit adds what was asked for, and deletes it without removing the unit', () => {
  const text = renderUnit(own);
  expect(unitName('web')).toBe('guestgate-netns-web.service');
  expect(text).toContain(
    'ExecStart=/usr/bin/guestgate netns add web --address 10.200.1.2/24 --address fd00:200::2/64\n',
  );
  expect(text).toContain('ExecStop=/usr/bin/guestgate netns del web --keep-unit\n');
  expect([text, '[Unit]\n', ''].map(isOurUnit)).toEqual([true, false, false]);
});

test.each<[Partial<NamespaceRequest>, string]>([
  [{ nat: undefined as never }, '--no-nat'],
  [{ link: { kind: 'bridge', bridge: 'br%0' } }, '--bridge br%%0 --nat'],
  [{ link: { kind: 'vlan', uplink: 'eth0', vlan: 20 } }, '--uplink eth0 --vlan 20 --nat'],
  [{ link: { kind: 'macvlan', uplink: 'eth0' } }, '--uplink eth0 --macvlan --nat'],
  [
    { gateways: ['10.200.1.9'], dns: ['192.0.2.1'], mac: '02:00:00:00:00:01' },
    '--gateway 10.200.1.9 --dns 192.0.2.1 --mac 02:00:00:00:00:01',
  ],
])('%j is written as %s', (change, expected) => {
  expect(
    addArguments({ ...own, ...change })
      .slice(4)
      .join(' '),
  ).toBe(expected);
});
