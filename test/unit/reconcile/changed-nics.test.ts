import { expect, test } from 'vitest';
import type { Nic } from '../../../src/model/guest.ts';
import { lostNics, nicsAfter } from '../../../src/reconcile/changed-nics.ts';
import type { InterfaceChange } from '../../../src/reconcile/request.ts';

/** libvirt calls the network hook for each port that it creates or deletes: the record's interfaces are what remains. */

const mac = '52:54:00:aa:bb:01';
const first: Nic = { mac, network: 'default', portId: 'a', bridge: 'virbr0', tap: 'vnet0', addresses: [] };
const second: Nic = { ...first, mac: '52:54:00:aa:bb:02', portId: 'b', tap: 'vnet1' };
/** What a network port tells: no tap, no addresses. */
const { tap: _, ...reported } = first;
const updated = { ...reported, portId: 'c' };

const attach = (nic: Nic): InterfaceChange => ({ change: 'attach', port: { owner: { name: 'web' }, nic } });
const detach = (nic: Nic): InterfaceChange => ({ change: 'detach', port: { owner: { name: 'web' }, nic } });

/** The interfaces after several changes, each undefined if it changed nothing. */
function after(nics: readonly Nic[], ...changes: readonly InterfaceChange[]) {
  return changes.reduce<readonly Nic[]>((now, change) => nicsAfter(now, change) ?? now, nics);
}

test('an interface is attached and detached', () => {
  expect(after([first], attach(second))).toEqual([first, second]);
  expect(after([first, second], detach(first))).toEqual([second]);
});

test('a port that is known, or unknown, changes nothing', () => {
  expect(nicsAfter([first], attach(reported))).toBeUndefined();
  expect(nicsAfter([first], detach(second))).toBeUndefined();
  expect(nicsAfter([first], detach(updated))).toBeUndefined();
});

test('an update creates a second port and deletes the first: the interface stays, with its tap and its place', () => {
  expect(after([first, second], attach(updated))).toEqual([first, second, { ...first, portId: 'c' }]);
  expect(after([first, second], attach(updated), detach(reported))).toEqual([
    { ...first, portId: 'c' },
    second,
  ]);
});

test('an update that fails deletes the second port: all is as before', () => {
  expect(after([first, second], attach(updated), detach(updated))).toEqual([first, second]);
});

test('an interface that is updated several times stays', () => {
  const again = { ...updated, portId: 'd' };
  const changes = [attach(updated), detach(reported), attach(again), detach(updated)];
  expect(after([first], ...changes)).toEqual([{ ...first, portId: 'd' }]);
});

test('an interface that keeps its network keeps the addresses of the domain XML; in another network it has others', () => {
  const filtered = { ...first, addresses: ['192.168.122.41'] };
  const moved = { ...updated, network: 'other', bridge: 'virbr1' };
  expect(after([filtered], attach(updated), detach(reported))).toEqual([{ ...filtered, portId: 'c' }]);
  expect(after([filtered], attach(moved), detach(reported))).toEqual([{ ...moved, tap: 'vnet0' }]);
});

test('without ports, as in a record of an earlier version, MAC address and network tell', () => {
  const { portId: __, ...bare } = first;
  expect(nicsAfter([bare], attach(reported))).toBeUndefined();
  expect(nicsAfter([bare], detach(reported))).toEqual([]);
  expect(nicsAfter([bare], detach({ ...reported, network: 'other' }))).toBeUndefined();
});

test("Xen's interface goes offline by its name on the host", () => {
  expect(nicsAfter([first, second], { change: 'offline', tap: 'vnet0' })).toEqual([second]);
});

test('an interface is lost with its MAC address, or with its network; a new port alone loses nothing', () => {
  expect(lostNics([first, second], [second])).toEqual([first]);
  expect(lostNics([first], [{ ...updated, network: 'other' }])).toEqual([first]);
  expect(lostNics([first], [{ ...first, portId: 'c' }])).toEqual([]);
});
