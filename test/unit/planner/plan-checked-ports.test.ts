import { expect, test } from 'vitest';
import type { Nic } from '../../../src/model/guest.ts';
import { ownSources, planCheckedPorts } from '../../../src/planner/plan-checked-ports.ts';

const mac = '52:54:00:aa:bb:01';
const linkLocal = 'fe80::5054:ff:feaa:bb01/128';
const nic = (more: Partial<Nic> = {}): Nic => ({
  mac,
  tap: 'vnet0',
  bridge: 'virbr0',
  addresses: [],
  ...more,
});

test('a port sends from its MAC address and all addresses of its guest', () => {
  const own = ['192.168.122.41', 'fd00:122::41'];
  const sources = ['192.168.122.41/32', 'fd00:122::41/128', linkLocal];
  expect(
    planCheckedPorts({ nics: [nic(), nic({ tap: 'vnet1', bridge: undefined } as object)] }, own),
  ).toEqual({
    elements: [
      { kind: 'vif', port: 'vnet0', way: 'bridged', bridge: 'virbr0', mac, sources, unaccepted: true },
      { kind: 'vif', port: 'vnet1', way: 'routed', mac, sources, unaccepted: true },
    ],
    problems: [],
  });
});

test('without a known address only what asks for one', () => {
  expect(ownSources({ mac }, [])).toEqual([linkLocal]);
  expect(ownSources({}, [])).toEqual([]);
});

test('before libvirt has chosen the ports there is nothing to check, and nothing wrong', () => {
  const nics = [{ mac, network: 'default', addresses: [] }];
  expect(planCheckedPorts({ nics }, [])).toEqual({ elements: [], problems: [] });
});

test.each<[string, Partial<Nic>, string]>([
  ['an address alone', { addresses: ['10.200.1.2'] }, 'with 10.200.1.2'],
  ['a bridge', { mac, bridge: 'br0', addresses: [] }, `with ${mac}`],
])(
  'a local guest that was reported without its port is not checked, and that is a problem: %s',
  (_, one, which) => {
    const nics = [{ addresses: [], ...one }];
    const { elements, problems } = planCheckedPorts({ nics, driver: 'local' }, []);
    expect(elements).toEqual([]);
    expect(problems).toMatchObject([
      { problem: expect.stringContaining(`${which}: what it sends is not checked`) },
    ]);
  },
);

test('on a bridge, an interface without a known MAC address is checked as far as it can be, and that is a problem', () => {
  const nics = [{ tap: 'tap0', bridge: 'br0', addresses: ['10.0.0.2'] }];
  const { elements, problems } = planCheckedPorts({ nics, driver: 'local' }, ['10.0.0.2']);
  expect(elements).toMatchObject([{ port: 'tap0', sources: ['10.0.0.2/32'] }]);
  expect(problems).toMatchObject([
    { problem: expect.stringContaining('tap0 on a bridge: it may send from any') },
  ]);
  const routed = [{ tap: 'tap0', addresses: ['10.0.0.2'] }];
  expect(planCheckedPorts({ nics: routed, driver: 'local' }, ['10.0.0.2']).problems).toEqual([]);
  expect(planCheckedPorts({ nics, driver: 'local' }, undefined, 'all').problems).toEqual([]);
});

test('an interface that gets its port later is reported', () => {
  const { problems } = planCheckedPorts({ nics: [nic(), { mac: '52:54:00:aa:bb:02', addresses: [] }] }, []);
  expect(problems).toMatchObject([
    { problem: expect.stringContaining('52:54:00:aa:bb:02 is not known yet') },
  ]);
});

test.each<[string, Nic]>([
  ['of type "user"', { mac, unseen: 'user', addresses: [] }],
  ['of type "direct"', nic({ unseen: 'direct' })],
  ['of type "openvswitch"', nic({ unseen: 'openvswitch' })],
  ['network "lan" has no bridge', { mac, tap: 'macvtap0', network: 'lan', addresses: [] }],
])('what no rule of the host sees is reported: %s', (why, unseen) => {
  const { elements, problems } = planCheckedPorts({ nics: [unseen] }, []);
  expect(elements).toEqual([]);
  expect(problems).toMatchObject([{ problem: expect.stringContaining(why) }]);
});

test('no rule contains the name of a port that is none', () => {
  const { elements, problems } = planCheckedPorts({ nics: [nic({ tap: 'a"; }' })] }, []);
  expect(elements).toEqual([]);
  expect(problems).toMatchObject([{ problem: expect.stringContaining('invalid interface name') }]);
});

test("the ports of Xen's scripts are left to them", () => {
  const vif = { way: 'bridged', bridge: 'virbr0', emulated: false } as const;
  expect(planCheckedPorts({ nics: [nic({ vif })] }, [])).toEqual({ elements: [], problems: [] });
});

test('a port may be closed without a check of what it sends', () => {
  expect(planCheckedPorts({ nics: [nic()] }, undefined, 'all').elements).toEqual([
    { kind: 'vif', port: 'vnet0', way: 'bridged', bridge: 'virbr0', mac, closed: 'all', unaccepted: true },
  ]);
});
