import { expect, test } from 'vitest';
import { judgeNetworks, networkProbes } from '../../../src/doctor/guest-networks.ts';
import type { NetworkElement } from '../../../src/model/network-element.ts';

const network = '10.9.0.0/24';
const elements: readonly NetworkElement[] = [
  { kind: 'routed', network, bridge: 'br0', interface: 'eth0' },
  { kind: 'routed', network, bridge: 'br0', interface: 'br0' },
  { kind: 'service', bridge: 'br0', protocol: 'udp', ports: { first: 53, last: 53 } },
];
const held = [
  { interface: 'br0', address: '10.9.0.1' },
  { interface: 'br0', address: '10.9.0.2' },
];

test('a guest beside the host opens a connection to the outside, and one to the first service', () => {
  expect(networkProbes({ br0: elements }, held)).toEqual([
    {
      ...{ network: 'br0', bridge: 'br0', source: '10.9.0.3', address: '192.0.2.1' },
      ...{ port: 443, protocol: 'tcp', to: 'the outside' },
    },
    {
      ...{ network: 'br0', bridge: 'br0', source: '10.9.0.3', address: '10.9.0.1' },
      ...{ port: 53, protocol: 'udp', to: 'the host' },
    },
  ]);
  expect(networkProbes({ br0: elements.slice(2) }, held)).toEqual([]);
});

test('what ends them is named once for each network', () => {
  const [probe] = networkProbes({ br0: elements }, held);
  if (probe === undefined) throw new Error('no probe');
  const obstacle = { kind: 'routing', why: 'no-route', to: '192.0.2.1' } as const;
  const firewalld = { kind: 'chain', verdict: 'rejected', chain: 'inet firewalld filter_FORWARD' } as never;
  const host = { mark: 1, forwardingIsOff: false, rpFilter: () => 0, rulesDiffer: false };
  const met = { probe, obstacles: [obstacle] };
  expect(judgeNetworks([{ probe, obstacles: [firewalld] }], host)).toMatchObject([
    { fix: expect.stringContaining('--zone=trusted --add-interface=br0') },
  ]);
  expect(judgeNetworks([met, met], host)).toMatchObject([
    { severity: 'something', problem: expect.stringContaining('of guests on network "br0" to the outside') },
  ]);
});
