import { expect, test } from 'vitest';
import { plainNames, plainNetworks } from '../../../src/desired/plain-networks.ts';

const found = (policy: object, problems: object[] = []) => ({ policy, problems }) as never;

test('a table names an interface if it asks for rules, or has a mistake: what it has stays', () => {
  const configured = new Map([
    ['br0', found({ masquerade: ['ip'] })],
    ['br1', found({ access: 'inbound' })],
    ['br2', found({}, [{}])],
    ['no interface', found({ forward: true })],
    ['br3', found({ services: [] })],
  ]);
  expect(plainNames(configured)).toEqual(['br0', 'br2', 'br3']);
});

test('an interface that exists counts, unless libvirt runs a network of its name', () => {
  const configured = new Map([
    ['lo', found({ forward: true })],
    ['none0', found({ forward: true })],
  ]);
  expect(plainNetworks(configured, () => false)).toMatchObject([{ name: 'lo', bridge: 'lo', gateways: [] }]);
  expect(plainNetworks(configured, (name) => name === 'lo')).toEqual([]);
});
