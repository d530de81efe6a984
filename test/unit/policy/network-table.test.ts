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
  [{ forward: [] }, {}, ['forward: unknown key "forward" (known: snat, access)']],
  [{ access: 'inbound' }, { access: 'inbound' }, []],
  // The mistake must not open the guests of a network.
  [{ access: 'in' }, { access: 'none' }, ['access: access: must be "open", "inbound", "host" or "none"']],
  ['203.0.113.9', {}, [': must be a table']],
])('%j', (table, policy, told) => {
  const found = parseNetworkTable(table, place);
  expect(found.policy).toEqual(policy);
  expect(found.problems.map(tell)).toEqual(told);
});
