import { expect, test } from 'vitest';
import { describeLeft, describeRescue } from '../../../src/cli/rescue.ts';

const saved = {
  boot: 'b',
  backend: 'nftables',
  tables: [{ family: 'inet', name: 'filter' }],
  bypassed: [{ family: 'ip6', variant: 'legacy' }],
  made: [],
  settings: {},
} as const;
const place = {
  families: ['ip'],
  outside: ['eth0'],
  trusted: [],
  sshPorts: [22, 2222],
  tunnelPorts: [51820],
  mark: 1,
} as const;

test('says what is put aside, and what stays open', () => {
  expect(describeRescue({ saved, place })).toEqual([
    'put aside: nft table inet filter',
    'put aside: rules of ip6tables-legacy',
    'outside: eth0; open to the host from there: ports 22, 2222, 51820/udp, and ICMP',
  ]);
});

test('says that nothing is dropped where nothing is outside', () => {
  const nothing = { ...saved, tables: [], bypassed: [] };
  expect(describeRescue({ saved: nothing, place: { ...place, outside: [], trusted: ['eth1'] } })).toEqual([
    'no other program has rules',
    'no interface leads outside: rescue drops nothing, and guests do not get out',
    'open to the host without limits: eth1',
  ]);
});

test('says whose rules stay, and what to do', () => {
  expect(describeLeft({ why: 'owned', table: 'inet fw', owner: 'firewalld' })).toContain('stop firewalld');
  expect(describeLeft({ why: 'no program', program: 'iptables-legacy' })).toContain('install iptables');
  expect(describeLeft({ why: 'name', table: 'ip 9' })).toContain('nft table ip 9 stays');
});
