import { expect, test } from 'vitest';
import type { Nic } from '../../../src/model/guest.ts';
import { withVifs } from '../../../src/xen/running-guests.ts';

const vif = { way: 'bridged', emulated: false } as const;
const known: Nic[] = [
  { tap: 'vif1.0', mac: '00:16:3e:00:00:02', bridge: 'xenbr0', addresses: ['10.0.0.2'], vif },
  { tap: 'vif1.1', mac: '00:16:3e:00:00:03', addresses: [] },
];

test('an interface of the XML is the one with its port, or without a port, with its MAC address', () => {
  expect(withVifs([{ tap: 'vif1.0', addresses: [] }], known)[0]?.vif).toBe(vif);
  expect(withVifs([{ mac: '00:16:3e:00:00:02', addresses: [] }], known)[0]).toMatchObject({
    tap: 'vif1.0',
    vif,
  });
});

test('a MAC address does not make another port the same interface', () => {
  const nic = { tap: 'vif7.0', mac: '00:16:3e:00:00:02', addresses: [] };
  expect(withVifs([nic], known)).toEqual([nic]);
});

test('what the XML says stays, and addresses of both are known, each once', () => {
  const nic = {
    mac: '00:16:3e:00:00:02',
    network: 'default',
    bridge: 'virbr0',
    addresses: ['10.0.0.2', 'fd00::2'],
  };
  expect(withVifs([nic], known)).toEqual([{ ...nic, tap: 'vif1.0', vif }]);
});

test('an interface whose script does not call guestgate stays as the XML has it', () => {
  const nic = { tap: 'vif1.1', addresses: [] };
  expect(withVifs([nic], known)).toEqual([nic]);
  expect(withVifs([nic], [])).toEqual([nic]);
});
