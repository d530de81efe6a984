import { expect, test } from 'vitest';
import { familiesInUse, forwardsOf, hostAddressesOf, virshOf } from '../../../src/doctor/guests-of.ts';
import { guestDrivers } from '../../../src/model/guest.ts';
import { forwardOf, recordOf } from '../records.ts';

const six = forwardOf(80, { host: '2001:db8::1', guest: 'fd00:122::41' });

test('the families of elements; IPv4 while there is none', () => {
  expect(familiesInUse([])).toEqual(['ip']);
  expect(familiesInUse([recordOf('web', { elements: [six] })])).toEqual(['ip6']);
  expect(familiesInUse([recordOf('web', { elements: [six, forwardOf(80)] })])).toEqual(['ip', 'ip6']);
});

test('forwards are listed with their guests, and nothing else is', () => {
  const inside = { kind: 'inside', interface: 'vif1.0' } as const;
  const records = [recordOf('a', { elements: [inside, forwardOf(80)] }), recordOf('b', { elements: [six] })];
  expect(forwardsOf(records)).toEqual([
    { guest: 'a', driver: 'qemu', element: forwardOf(80) },
    { guest: 'b', driver: 'qemu', element: six },
  ]);
});

test('exact addresses of the host, each once for a guest; every address and loopback are none', () => {
  const guest = '192.168.122.41';
  const elements = [
    forwardOf(80),
    forwardOf(81, { host: 'any6', guest: 'fd00::2' }),
    forwardOf(82, { host: '127.0.0.1' }),
    forwardOf(83, { host: '203.0.113.1' }),
    forwardOf(84, { host: '203.0.113.1' }),
    { kind: 'one-to-one', host: '203.0.113.9', guest },
    { kind: 'source-nat', guest, interface: 'eth0', address: '203.0.113.9' },
  ] as const;
  expect(hostAddressesOf([recordOf('a', { elements }), recordOf('b', { elements: [six] })])).toEqual([
    { guest: 'a', address: '203.0.113.1' },
    { guest: 'a', address: '203.0.113.9' },
    { guest: 'b', address: '2001:db8::1' },
  ]);
});

test('virsh reaches each driver by its own connection', () => {
  const connections = Object.values(virshOf);
  expect(connections).toHaveLength(guestDrivers.filter((driver) => driver !== 'local').length);
  expect(new Set(connections).size).toBe(connections.length);
});
