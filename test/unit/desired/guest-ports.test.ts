import { expect, test } from 'vitest';
import { guestPorts, refuses } from '../../../src/desired/guest-ports.ts';
import type { Guest } from '../../../src/model/guest.ts';

const guest: Guest = {
  driver: 'qemu',
  name: 'web',
  nics: [{ mac: '52:54:00:aa:bb:01', tap: 'vnet0', bridge: 'virbr0', addresses: [] }],
};
const found = (address: string) => ({ address, source: '' });
const located = {
  found: [found('192.0.2.1')],
  problems: [],
  unknown: [],
  byLease: false,
  remarks: [],
  named: ['192.0.2.2'],
  others: ['192.0.2.3'],
  interfaces: [
    {
      choice: { nic: 2 },
      found: [found('192.0.2.4')],
      problems: [],
      unknown: [],
      byLease: false,
      remarks: [],
    },
  ],
};

test('without antispoof a guest of libvirt has no elements of ports', () => {
  expect(guestPorts(guest, {}, {}, located, true)).toEqual({ elements: [], problems: [] });
});

test('a checked port sends from every address that is known of its guest', () => {
  const [element] = guestPorts(guest, { antispoof: true }, {}, located, true).elements;
  const addresses = ['192.0.2.1', '192.0.2.4', '192.0.2.3', '192.0.2.2'].map((one) => `${one}/32`);
  expect(element).toMatchObject({ sources: [...addresses, 'fe80::5054:ff:feaa:bb01/128'] });
  expect(guestPorts(guest, { antispoof: true }, {}, undefined, true).elements).toMatchObject([
    { sources: ['fe80::5054:ff:feaa:bb01/128'] },
  ]);
});

test('without nft nothing checks it, which is reported', () => {
  const { elements, problems } = guestPorts(guest, { antispoof: true }, {}, located, false);
  expect(elements).toEqual([]);
  expect(problems).toMatchObject([{ problem: expect.stringContaining('nft is not installed') }]);
});

test('nor does anything isolate a guest without nft, which is reported; with nft it is', () => {
  const { problems } = guestPorts(guest, { isolated: true }, {}, located, false);
  expect(problems).toMatchObject([{ problem: expect.stringContaining('nft is not installed') }]);
  const isolated = guestPorts(guest, { isolated: true }, {}, located, true);
  expect(isolated).toMatchObject({ elements: [{ kind: 'vif', isolated: true }], problems: [] });
});

test('a guest that waits for its lease is confined already, and starts', () => {
  const waits = [{ problem: '', severity: 'something', kind: 'no-address' }] as const;
  const other = { problem: '', severity: 'something' } as const;
  expect(refuses({ access: 'inbound' }, waits)).toBe(false);
  expect(refuses({ access: 'inbound' }, [...waits, other])).toBe(true);
  expect(refuses({ access: 'inbound' }, [])).toBe(true);
  expect(refuses({ access: 'inbound', onError: 'deny' }, waits)).toBe(true);
  expect(refuses({}, [other])).toBe(false);
});

test('with access, its addresses are confined, too', () => {
  const { elements } = guestPorts(guest, { access: 'host' }, {}, located, true);
  expect(elements.map(({ kind }) => kind)).toEqual(['vif', ...Array(5).fill('confined')]);
});
