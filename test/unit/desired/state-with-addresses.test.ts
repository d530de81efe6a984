import { expect, test } from 'vitest';
import { askedPolicy } from '../../../src/desired/asked-policy.ts';
import { nextRun } from '../../../src/desired/guest-run.ts';
import { stateWithAddresses } from '../../../src/desired/state-with-addresses.ts';
import type { NicSurroundings } from '../../../src/libvirt/address-sources.ts';
import type { Guest } from '../../../src/model/guest.ts';
import { readingOf } from './reading.ts';

const mac = '52:54:00:aa:bb:01';
const guest: Guest = {
  driver: 'qemu',
  name: 'web',
  nics: [{ mac, tap: 'vnet0', bridge: 'virbr0', addresses: [] }],
};

async function state(text: string, addresses: readonly string[]) {
  const around: NicSurroundings = {
    nic: { mac, bridge: 'virbr0', addresses },
    leases: { path: '', list: [] },
    networkFiles: [],
  };
  const reading = readingOf(text, [around]);
  const asked = await askedPolicy({ guest }, reading, nextRun);
  return stateWithAddresses(asked, reading, () => true);
}

test('with an address, the policy becomes elements, and the address goes into the state', async () => {
  const found = await state('[guest.web]\nforward = ["8080:80"]', ['192.168.122.5']);
  expect(found).toMatchObject({ certain: true, address: '192.168.122.5', unknown: ['ip6'], problems: [] });
  expect(found.elements.map(({ kind }) => kind)).toContain('forward');
});

test('without one nothing is certain, and the guest keeps what it has', async () => {
  const found = await state('[guest.web]\nforward = ["8080:80"]\non_error = "deny"', []);
  expect(found).toMatchObject({ certain: false, elements: [], unknown: ['ip', 'ip6'] });
  expect(found.address).toBeUndefined();
});

test('a forward on a network that the guest is not on gets no rule', async () => {
  const other = '[guest.web]\nforward = ["8080:80", { port = 81, to = 81, network = "other" }]';
  const found = await state(other, ['192.168.122.5']);
  expect(found.problems).not.toEqual([]);
  expect(found.elements.filter(({ kind }) => kind === 'forward')).toHaveLength(1);
});
