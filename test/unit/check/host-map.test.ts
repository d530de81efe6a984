import { expect, test } from 'vitest';
import { hostMapOf } from '../../../src/check/host-map.ts';
import { forwardOf, recordOf } from '../records.ts';

const nic = (network: string, bridge: string) => ({ network, bridge, addresses: [] });
const facts = {
  addresses: [
    { interface: 'eth0', address: '198.51.100.1' },
    { interface: 'virbr0', address: '192.168.122.1' },
  ],
  defaultRoutes: { ip: 'eth0', ip6: undefined },
};

test('bridges of guests are networks, and the other interfaces uplinks', () => {
  const guest = {
    ...recordOf('web', { guest: { driver: 'qemu', name: 'web', nics: [nic('default', 'virbr0')] } }),
    state: 'running' as const,
    address: '192.168.122.41',
    elements: [{ element: forwardOf(80) }, { element: { kind: 'inside', interface: 'vnet0' } as const }],
  };
  expect(hostMapOf('kvm1', [guest], facts)).toEqual({
    host: 'kvm1',
    uplinks: [{ name: 'eth0', addresses: ['198.51.100.1'], isDefault: true }],
    networks: [
      {
        name: 'default',
        addresses: ['192.168.122.1'],
        guests: [{ name: 'web', state: 'running', addresses: ['192.168.122.41'], elements: [forwardOf(80)] }],
      },
    ],
  });
});
