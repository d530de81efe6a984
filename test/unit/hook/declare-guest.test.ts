import { expect, test } from 'vitest';
import { type Declaration, declareGuest } from '../../../src/hook/declare-guest.ts';

const facts = {
  interfaceKind: (name: string) => ({ tap0: 'port', br0: 'bridge' })[name] as 'port' | 'bridge' | undefined,
  processStart: (pid: number) => (pid === 42 ? 1234 : undefined),
};
const declare = (given: Partial<Declaration>, name = 'web') =>
  declareGuest(name, { addresses: [], ...given }, facts);

test('an address is enough', () => {
  expect(declare({ addresses: ['10.200.1.2', '2001:DB8:0::2', '10.200.1.2'] })).toEqual({
    kind: 'guest',
    guest: { driver: 'local', name: 'web', nics: [{ addresses: ['10.200.1.2', '2001:db8::2'] }] },
    witness: {},
  });
});

test('an interface of its own is its port, and the guest runs while it is there', () => {
  expect(declare({ addresses: ['10.200.1.2'], interface: 'tap0', pid: 42, nat: true })).toEqual({
    kind: 'guest',
    guest: { driver: 'local', name: 'web', nat: true, nics: [{ tap: 'tap0', addresses: ['10.200.1.2'] }] },
    witness: { interface: 'tap0', process: { pid: 42, started: 1234 } },
  });
});

test('on a bridge, a MAC address is enough: its lease has the address', () => {
  expect(declare({ interface: 'br0', mac: '02:00:00:AA:BB:01' }).guest.nics).toEqual([
    { mac: '02:00:00:aa:bb:01', bridge: 'br0', addresses: [] },
  ]);
});

test.each<[Partial<Declaration>, string, string?]>([
  [{}, 'nothing gives its address'],
  [{ mac: '02:00:00:aa:bb:01' }, 'nothing gives its address'],
  [{ addresses: ['10.200.1'] }, 'invalid address "10.200.1"'],
  [{ addresses: ['127.0.0.1'] }, 'invalid address "127.0.0.1"'],
  [{ addresses: ['10.200.1.2/24'] }, 'invalid address "10.200.1.2/24"'],
  [{ addresses: ['10.200.1.2'], interface: 'tap9' }, 'no interface "tap9"'],
  [{ addresses: ['10.200.1.2'], pid: 43 }, 'no process 43'],
  [{ addresses: ['10.200.1.2'], mac: '1:2' }, 'invalid MAC address "1:2"'],
  [{ addresses: ['10.200.1.2'] }, 'slash', 'a/b'],
])('%j: %s', (given, message, name) => {
  expect(() => declare(given, name)).toThrow(message);
});

test('all mistakes are named together', () => {
  expect(() => declare({ addresses: ['x'], interface: 'tap9', pid: 43 })).toThrow(
    /invalid address.*no interface.*no process/,
  );
});
