import type { HostMap } from '../../src/check/host-map.ts';
import { forwardOf } from './records.ts';

/** A host with a guest whose name is hostile, and one that has ended. */
export const hostMap: HostMap = {
  host: 'kvm1',
  uplinks: [
    { name: 'eth0', addresses: ['198.51.100.1'], isDefault: true },
    { name: 'eth1', addresses: ['203.0.113.11'], isDefault: false },
  ],
  networks: [
    {
      name: 'default',
      addresses: ['192.168.122.1'],
      guests: [
        {
          name: 'web',
          state: 'running',
          addresses: ['192.168.122.41'],
          elements: [forwardOf(8080), forwardOf(8443, { host: '203.0.113.11', to: 443 })],
        },
        { name: '</text>"\\&#\n', state: 'ended', addresses: [], elements: [] },
      ],
    },
  ],
};
