import { expect, test } from 'vitest';
import { parseGuestTable } from '../../../src/policy/guest-table.ts';
import { place, tell } from './problems.ts';

test('every key becomes what it means, and no other', () => {
  const { policy, problems } = parseGuestTable(
    {
      address: ['192.168.122.41', 'fd00::41'],
      network: 'dmz',
      forward: '80',
      open: 22,
      public_address: '203.0.113.9',
      snat: '203.0.113.9',
      allow_from: [],
      loopback: false,
      isolated: true,
      absent: 'host',
      on_error: 'deny',
    },
    place,
  );
  expect(problems).toEqual([]);
  expect(policy).toMatchObject({
    addresses: ['192.168.122.41', 'fd00::41'],
    interfaceChoice: { network: 'dmz' },
    forwards: [{ text: '80' }],
    open: [{ text: '22' }],
    publicAddresses: ['203.0.113.9'],
    snat: ['203.0.113.9'],
    allowFrom: [],
    loopback: false,
    isolated: true,
    absent: 'host',
    onError: 'deny',
  });
});

test('an empty table is an empty policy', () => {
  expect(parseGuestTable({}, place)).toEqual({ policy: {}, problems: [] });
});

test('all mistakes are reported together', () => {
  const { problems } = parseGuestTable(
    {
      address: ['192.168.122.41', '192.168.122.42'],
      absent: 'drop',
      snat: 'x',
      on_error: 'maybe',
      foward: '80',
    },
    place,
  );
  expect(problems.map(tell)).toEqual([
    'on_error: on_error: must be "deny" or "start"',
    'foward: unknown key "foward" (did you mean "forward"?)',
    'snat: snat: invalid address "x" (like 203.0.113.10)',
    'address: address: 192.168.122.41 and 192.168.122.42 are two IPv4 addresses (keep one for forwards)',
    'absent: absent has no effect without public_address (write both into one table)',
  ]);
});

test('a restriction with an invalid value holds', () => {
  const place = { file: '', path: [] };
  expect(parseGuestTable({ antispoof: 'yes' }, place)).toMatchObject({
    policy: { antispoof: true },
    problems: [{ problem: 'antispoof: must be true or false' }],
  });
  expect(parseGuestTable({ antispoof: false }, place).policy).toEqual({ antispoof: false });
  expect(parseGuestTable({}, place).policy).toEqual({});
});

test('access with an invalid value lets nothing pass; what has no effect beside it is reported', () => {
  const parse = (table: object) => parseGuestTable(table, { file: '', path: [] });
  expect(parse({ access: 'inbuond' })).toMatchObject({ policy: { access: 'none' }, problems: [{}] });
  expect(parse({ access: 'inbound', egress: ['25'] })).toMatchObject({
    policy: { access: 'inbound', egress: [{ ports: { first: 25 } }] },
    problems: [],
  });
  expect(parse({ egress: ['25'] }).problems).toMatchObject([{ path: ['egress'] }]);
  expect(parse({ access: 'none', forward: ['80'] }).problems).toMatchObject([{ path: ['forward'] }]);
});
