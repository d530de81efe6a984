import { expect, test } from 'vitest';
import { nicsOf, parseLxcCall } from '../../../src/hook/lxc-call.ts';

test.each<[string, readonly string[], NodeJS.ProcessEnv, object]>([
  [
    'a start',
    [],
    { LXC_NAME: 'web', LXC_HOOK_TYPE: 'start-host', LXC_PID: '42' },
    { kind: 'up', name: 'web', pid: 42 },
  ],
  [
    'a start of version 0',
    ['web', 'lxc', 'start-host'],
    { LXC_PID: '42' },
    { kind: 'up', name: 'web', pid: 42 },
  ],
  ['a stop', ['web', 'lxc', 'post-stop'], { LXC_PID: '42' }, { kind: 'down', name: 'web' }],
  ['a start without a process', ['web', 'lxc', 'start-host'], {}, { kind: 'nothing' }],
  ['a process that is none', ['web', 'lxc', 'start-host'], { LXC_PID: '1; reboot' }, { kind: 'nothing' }],
  ['another hook', ['web', 'lxc', 'mount'], { LXC_PID: '42' }, { kind: 'nothing' }],
  ['a call by hand', [], {}, { kind: 'nothing' }],
])('%s', (_, args, environment, expected) => {
  expect(parseLxcCall(args, environment)).toEqual(expected);
});

const inside = [
  { ifindex: 1, ifname: 'lo', link_type: 'loopback', address: '00:00:00:00:00:00' },
  {
    ifindex: 2,
    ifname: 'eth0',
    link_type: 'ether',
    link_index: 7,
    address: '00:16:3E:00:00:01',
    addr_info: [{ local: '10.0.3.5' }, { local: 'fd00:3::5' }, { local: 'fe80::1' }],
  },
  { ifindex: 3, ifname: 'eth1', link_type: 'ether', link_index: 9, address: '00:16:3e:00:00:02' },
];
const outside = [
  { ifindex: 2, ifname: 'eth0', link_index: 2, master: 'br9' },
  { ifindex: 7, ifname: 'vethA', link_index: 2, master: 'lxcbr0' },
];

test('each interface has its addresses, its end on the host, and the bridge of that', () => {
  expect(nicsOf(inside, outside)).toEqual([
    { mac: '00:16:3e:00:00:01', tap: 'vethA', bridge: 'lxcbr0', addresses: ['10.0.3.5', 'fd00:3::5'] },
    { mac: '00:16:3e:00:00:02', addresses: [] },
  ]);
});

test('a container without a network has none', () => {
  expect(nicsOf([], outside)).toEqual([]);
});

test('a tunnel of the host leads past the host, the tunnels of every namespace lead nowhere', () => {
  const tunnels = [
    { ifindex: 4, ifname: 'wg0', link_type: 'none', addr_info: [{ local: '10.7.0.2' }] },
    { ifindex: 5, ifname: 'sit0', link_type: 'sit', address: '0.0.0.0' },
  ];
  expect(nicsOf(tunnels, outside)).toEqual([{ unseen: 'tunnel', addresses: ['10.7.0.2'] }]);
});
