import { expect, test } from 'vitest';
import { defaultHostPolicy } from '../../../src/model/policy.ts';
import { parseHostTable } from '../../../src/policy/host-table.ts';
import { tell } from './problems.ts';

const place = { file: '/g.toml', path: ['host', '-'] };
const parse = (table: unknown) => parseHostTable(table, place);

test('nothing written is the default', () => {
  expect(parse({})).toEqual({ host: defaultHostPolicy, problems: [] });
});

test('every key becomes what it means; an alias is another address of its interface', () => {
  const { host, problems } = parse({
    interface: ['eth0:1', 'ppp0'],
    address: '203.0.113.9',
    backend: 'iptables',
    metadata: false,
    vif_rules: 'bottom',
    reserved: [22, '53/tcp+udp'],
    mark: 0x80000000,
    limits: { shifted_ports: 5 },
    metadata_limits: { forwards: 1, shifted_ports: 2, sources: 3 },
  });
  expect(problems).toEqual([]);
  expect(host).toEqual({
    interfaces: ['eth0', 'ppp0'],
    addresses: ['203.0.113.9'],
    backend: 'iptables',
    metadata: false,
    vifRules: 'bottom',
    reserved: [
      { ports: { first: 22, last: 22 } },
      { ports: { first: 53, last: 53 }, protocol: 'tcp' },
      { ports: { first: 53, last: 53 }, protocol: 'udp' },
    ],
    mark: 0x80000000,
    limits: { ...defaultHostPolicy.limits, shiftedPorts: 5 },
    metadataLimits: { forwards: 1, shiftedPorts: 2, sources: 3 },
  });
});

test.each<[Record<string, unknown>, string]>([
  [{ interface: 'ppp+' }, 'interface: "ppp+" is a pattern, not a name'],
  [{ interface: 'ppp*' }, 'interface: "ppp*" is a pattern, not a name'],
  [{ interface: ['eth0', 'e th'] }, 'interface.1: invalid interface name "e th" (see: ip -br link)'],
  [{ address: '224.0.0.1' }, 'address: address: 224.0.0.1 is not the address of a single host'],
  [{ reserved: ['22/icmp'] }, 'reserved.0: reserved: invalid port "22/icmp"'],
  [{ reserved: [0] }, 'reserved.0: reserved: invalid port "0"'],
  [{ mark: 0 }, 'mark: mark: 0 is not a single bit of 32'],
  [{ mark: 3 }, 'mark: mark: 3 is not a single bit of 32'],
  [{ mark: -0x80000000 }, 'mark: mark: -2147483648 is not a single bit of 32'],
  [{ mark: 2 ** 32 }, 'mark: mark: 4294967296 is not a single bit of 32'],
  [{ vif_rules: 'middle' }, 'vif_rules: vif_rules: must be "top" or "bottom"'],
])('%j is one mistake', (table, message) => {
  const told = parse(table).problems.map(tell);
  expect(told).toEqual([expect.stringContaining(message)]);
});
