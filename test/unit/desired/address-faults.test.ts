import { expect, test } from 'vitest';
import {
  addressFaults,
  leaseFaults,
  mayCome,
  reservationRemarks,
} from '../../../src/desired/address-faults.ts';
import type { AddressMissing } from '../../../src/libvirt/find-address.ts';
import type { Family } from '../../../src/model/address.ts';

const missing = (more: Partial<AddressMissing> = {}): AddressMissing =>
  ({ tried: ['no lease'], refused: false, ...more }) as AddressMissing;
const search = (
  of: Partial<Record<Family, AddressMissing>>,
  more: { isFound?: boolean; named?: Family[] } = {},
) => ({
  missing: new Map(Object.entries(of) as [Family, AddressMissing][]),
  isFound: false,
  named: [],
  ...more,
});

test('a guest without any address has one fault, whichever families were searched, each place once', () => {
  const both = { ip: missing(), ip6: missing({ tried: ['no lease', 'no reservation'] }) };
  expect(addressFaults(search(both), true, undefined).map(({ problem }) => problem)).toEqual([
    'its address is not known: no lease; no reservation',
  ]);
});

test('a guest with an address of the other family needs none of IPv6', () => {
  expect(addressFaults(search({ ip6: missing() }, { isFound: true }), true, undefined)).toEqual([]);
});

test('unless the policy names an address of that family, or the family’s address was refused', () => {
  const named = search({ ip6: missing() }, { isFound: true, named: ['ip6'] });
  expect(addressFaults(named, false, undefined)[0]?.problem).toMatch(/^its IPv6 address is not known/);
  const refused = search({ ip6: missing({ refused: true } as never) }, { isFound: true });
  expect(addressFaults(refused, false, undefined)).toHaveLength(1);
});

test('IPv4 is needed where a network of the guest has it', () => {
  const without = search({ ip: missing() }, { isFound: true });
  expect(addressFaults(without, true, undefined)).toHaveLength(1);
  expect(addressFaults(without, false, undefined)).toEqual([]);
});

test('an interface that a forward chose is named', () => {
  const [fault] = addressFaults(search({ ip: missing() }), true, { network: 'my "net"' });
  expect(fault?.problem).toMatch(/^the address of its interface on network "my \\"net\\"" is not known/);
});

test('an address may come by DHCP, unless libvirt gives none there', () => {
  expect(mayCome(missing())).toBe(true);
  expect(mayCome(missing({ noDhcp: 'off-host' }))).toBe(false);
  expect(mayCome(missing({ noInterface: true }))).toBe(false);
  expect(mayCome(missing({ impossible: true }))).toBe(false);
  const kind = (one: AddressMissing) => addressFaults(search({ ip: one }), true, undefined)[0]?.kind;
  expect(kind(missing())).toBe('no-address');
  expect(kind(missing({ noDhcp: 'foreign-dhcp' }))).toBeUndefined();
});

test.each([
  [{}, /gets a DHCP lease/],
  [{ noInterface: true } as const, /attach an interface/],
  [{ noDhcp: 'foreign-dhcp' } as const, /another DHCP server/],
  [{ noDhcp: 'off-host' } as const, /passt/],
  [{ impossible: true } as const, /^give it as address/],
])('advice for %j', (more, expected) => {
  const [fault] = addressFaults(search({ ip: missing(more) }), true, undefined);
  expect(fault?.advice).toMatch(expected);
});

const found = { address: '192.168.122.9', source: 'lease', nic: { mac: '52:54:00:aa:bb:01', addresses: [] } };

test('several leases of one interface: the host cannot see which address answers', () => {
  const several = { ...found, otherLeases: ['192.168.122.10'] } as never;
  expect(leaseFaults([several])).toMatchObject([
    { kind: 'several-leases', problem: expect.stringContaining('(192.168.122.10, 192.168.122.9)') },
  ]);
  expect(leaseFaults([found as never])).toEqual([]);
});

test('a reservation that the guest does not use yet is a remark for later', () => {
  expect(reservationRemarks([{ ...found, reserved: '192.168.122.50' } as never])).toMatchObject([
    { severity: 'later', problem: expect.stringContaining('192.168.122.50') },
  ]);
  expect(reservationRemarks([found as never])).toEqual([]);
});
