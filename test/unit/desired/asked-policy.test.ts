import { expect, test } from 'vitest';
import { askedPolicy } from '../../../src/desired/asked-policy.ts';
import { nextRun } from '../../../src/desired/guest-run.ts';
import { policyFault } from '../../../src/model/finding.ts';
import type { Guest } from '../../../src/model/guest.ts';
import { readingOf } from './reading.ts';

const guest: Guest = {
  driver: 'qemu',
  name: 'web',
  nics: [{ tap: 'vnet0', bridge: 'virbr0', addresses: [] }],
};
const ask = (text: string, more: Partial<Guest> = {}) =>
  askedPolicy({ guest: { ...guest, ...more } }, readingOf(text), nextRun);

test('a guest that no file names is not managed', async () => {
  const { base, policy, limits } = await ask('[guest.mail]\npublic_address = "192.0.2.1"');
  expect(base).toMatchObject({ managed: false, deny: false, elements: [] });
  expect(base.confinement).toBeUndefined();
  expect([policy, limits]).toEqual([{}, undefined]);
});

test('what its ports get needs no address, and what confines it is kept with it', async () => {
  const { base, ports } = await ask('[guest.web]\naccess = "inbound"');
  expect(base).toMatchObject({ managed: true, deny: true, confinement: { access: 'inbound' } });
  expect(base.elements).toEqual(ports.elements);
  expect(base.elements).not.toEqual([]);
});

test('a guest that arrives beside the running one takes none of its ports', async () => {
  const forward = '[guest.web]\nantispoof = true\nforward = ["8080:80"]';
  expect((await ask(forward)).policy.forwards).toHaveLength(1);
  const { policy } = await ask(forward, { name: 'web--incoming', arrivingAs: 'web' });
  expect(policy.forwards).toBeUndefined();
  expect(policy.antispoof).toBe(true);
});

test('faults become findings about the guest', async () => {
  const { findings } = await ask('[guest.web]\nforward = ["8080:80"]');
  const fault = policyFault('the port is taken', 'choose another');
  expect(findings([fault], [fault])).toMatchObject([fault, fault]);
});
