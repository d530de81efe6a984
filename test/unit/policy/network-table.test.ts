import { expect, test } from 'vitest';
import { parseNetworkTable } from '../../../src/policy/network-table.ts';
import { place, tell } from './problems.ts';

test.each<[unknown, object, string[]]>([
  [{}, {}, []],
  [{ snat: '203.0.113.9' }, { snat: ['203.0.113.9'] }, []],
  [{ snat: ['203.0.113.9', '2001:db8::1'] }, { snat: ['203.0.113.9', '2001:db8::1'] }, []],
  [{ snat: [] }, { snat: [] }, []],
  [
    { snat: ['203.0.113.9', '203.0.113.8'] },
    { snat: ['203.0.113.9', '203.0.113.8'] },
    ['snat: snat: 203.0.113.9 and 203.0.113.8 are two IPv4 addresses (keep one as source of the guests)'],
  ],
  [{ forwards: [] }, {}, ['forwards: unknown key "forwards" (did you mean "forward"?)']],
  [{ forward: true, isolated: false }, { forward: true, isolated: false }, []],
  [{ masquerade: true }, { masquerade: ['ip'] }, []],
  [{ masquerade: false }, { masquerade: [] }, []],
  [{ masquerade: 'ipv6' }, { masquerade: ['ip6'] }, []],
  [{ masquerade: 'both' }, { masquerade: ['ip', 'ip6'] }, []],
  [{ masquerade: 'all' }, {}, ['masquerade: masquerade: must be true, false, "ipv4", "ipv6" or "both"']],
  [{ uplink: 'eth0' }, { uplinks: ['eth0'] }, []],
  [
    { uplink: ['eth0', 'a b'] },
    { uplinks: ['eth0', 'a b'] },
    ['uplink.1: uplink: invalid interface name "a b" (see: ip -br link)'],
  ],
  [
    { services: ['dhcp', 123, '80/tcp'] },
    {
      services: [
        { protocol: 'udp', ports: { first: 67, last: 67 }, family: 'ip' },
        { protocol: 'udp', ports: { first: 547, last: 547 }, family: 'ip6' },
        { protocol: 'tcp', ports: { first: 123, last: 123 } },
        { protocol: 'udp', ports: { first: 123, last: 123 } },
        { protocol: 'tcp', ports: { first: 80, last: 80 } },
      ],
    },
    [],
  ],
  [
    { services: ['constructor'] },
    { services: [] },
    [
      'services.0: services: invalid service "constructor" ("dhcp", "dns", or like "123/udp", "8000-8010/tcp")',
    ],
  ],
  [{ access: 'inbound' }, { access: 'inbound' }, []],
  // The mistake must not open the guests of a network.
  [{ access: 'in' }, { access: 'none' }, ['access: access: must be "open", "inbound", "host" or "none"']],
  ['203.0.113.9', {}, [': must be a table']],
])('%j', (table, policy, told) => {
  const found = parseNetworkTable(table, place);
  expect(found.policy).toEqual(policy);
  expect(found.problems.map(tell)).toEqual(told);
});
