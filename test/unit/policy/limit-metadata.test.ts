import { describe, expect, test } from 'vitest';
import type { GuestPolicy, MetadataGrants } from '../../../src/model/policy.ts';
import { parseConfiguration } from '../../../src/policy/configuration.ts';
import { parseGuestTable } from '../../../src/policy/guest-table.ts';
import { limitMetadata, type MetadataBounds } from '../../../src/policy/limit-metadata.ts';

const hostAddress = '203.0.113.1';
const own = '192.168.122.41';

function limited(
  table: Record<string, unknown>,
  grants: Partial<MetadataGrants> = {},
  more: Partial<MetadataBounds> = {},
) {
  const { policy, problems } = parseGuestTable(table, { file: 'x', path: [] });
  expect(problems).toEqual([]);
  return limitMetadata(policy, {
    grants: { keys: [], ports: [], addresses: [], ...grants },
    reserved: [
      { ports: { first: 22, last: 22 }, why: 'guestgate reserves' },
      {
        ports: { first: 8080, last: 8080 },
        protocol: 'tcp',
        address: hostAddress,
        why: 'the host itself listens on',
      },
    ],
    isPublic: (address) => address.startsWith('203.0.113.'),
    addressesOn: (name) => (name === 'eth0' ? [hostAddress] : ['192.168.122.1']),
    isOwn: (address) => address === own,
    files: [],
    ...more,
  });
}

const refusals = (...args: Parameters<typeof limited>) =>
  limited(...args).refused.map(({ problem }) => problem);

describe('without a grant', () => {
  test('free ports, restrictions and the own address are admitted', () => {
    const table = {
      forward: [
        '443',
        `${hostAddress}:2222:22`,
        { port: 81, uplink: 'eth0' },
        '203.0.113.2:8080:80',
        '8080/udp',
      ],
      allow_from: ['10.0.0.0/8'],
      address: own,
      on_error: 'deny',
    };
    const { policy, refused } = limited(table);
    expect(refused).toEqual([]);
    expect(policy).toMatchObject({ forwards: { length: 5 }, addresses: [own], allowFrom: ['10.0.0.0/8'] });
  });

  test.each<[string, Record<string, unknown>]>([
    ['an address of others', { forward: ['8.8.8.8:443:443'] }],
    ['the interface of a gateway', { forward: [{ port: 53, uplink: 'virbr0' }] }],
    ['a reserved port', { forward: ['20-30'] }],
    ['a port of a service, at its address', { forward: [`${hostAddress}:8080:80`] }],
    ['a port of a service, at all addresses', { forward: ['8080:80'] }],
    ['another target', { forward: [{ port: 443, to: '192.168.122.9:443' }] }],
    ['another address', { address: '192.168.122.9' }],
    ['an open port', { open: ['443'] }],
    ['a whole address', { public_address: '203.0.113.9' }],
    ['another source', { snat: '203.0.113.9' }],
  ])('%s is left out, and the finding names the key', (_, table) => {
    const { policy, refused } = limited({ ...table, deny_from: ['192.0.2.1'] });
    expect(Object.keys(policy)).toEqual(['denyFrom']);
    expect(refused).toMatchObject([
      { advice: expect.stringMatching(/add .* to (keys|ports|.*addresses) in \[host\.metadata\]/) },
    ]);
  });
});

describe('with a grant', () => {
  test.each<[Record<string, unknown>, Partial<MetadataGrants>]>([
    [{ forward: ['8.8.8.8:443:443'] }, { addresses: ['8.8.8.8'] }],
    [{ forward: ['22'] }, { ports: [{ ports: { first: 20, last: 30 } }] }],
    [{ forward: [{ port: 443, to: '192.168.122.9:443' }] }, { keys: ['address'] }],
    [{ address: '192.168.122.9' }, { keys: ['address'] }],
    [{ open: ['443'] }, { keys: ['open'] }],
    [{ public_address: '203.0.113.9' }, { keys: ['public_address'], addresses: ['203.0.113.9'] }],
    [{ snat: '203.0.113.9' }, { keys: ['snat'], addresses: ['203.0.113.9'] }],
  ])('%j is admitted with %j', (table, grants) => {
    expect(refusals(table, grants)).toEqual([]);
  });

  test.each<[Record<string, unknown>, Partial<MetadataGrants>]>([
    [{ forward: ['20-40'] }, { ports: [{ ports: { first: 22, last: 22 }, protocol: 'udp' }] }],
    [{ public_address: '203.0.113.9' }, { keys: ['public_address'] }],
    [{ snat: '203.0.113.9' }, { addresses: ['203.0.113.9'] }],
    [{ open: [{ port: 443, address: '192.168.122.9' }] }, { keys: ['open'] }],
  ])('%j is not admitted with %j', (table, grants) => {
    expect(refusals(table, grants)).toHaveLength(1);
  });
});

test('what a file asks for is granted to no metadata', () => {
  const text = '[guest.mail]\npublic_address = "203.0.113.9"\nforward = ["25", "203.0.113.2:80:80"]';
  const { guests } = parseConfiguration([{ path: '/g.toml', text }], '/g.toml');
  const policy = guests.get('mail')?.policy as GuestPolicy;
  const files = [{ guest: 'mail', policy, addressesOn: () => [] }];
  const all: Partial<MetadataGrants> = { keys: ['public_address', 'snat'], addresses: ['203.0.113.9'] };
  const refused = (table: Record<string, unknown>) => limited(table, all, { files }).refused;
  for (const table of [
    { forward: ['203.0.113.9:443:443'] },
    { forward: ['25'] },
    { forward: ['203.0.113.2:25:25'] },
    { forward: ['80'] },
    { public_address: '203.0.113.9' },
    { snat: '203.0.113.9' },
  ])
    expect(refused(table)).toMatchObject([{ kind: 'conflict', problem: expect.stringContaining('"mail"') }]);
  expect(refused({ forward: ['203.0.113.3:80:80', '25/udp', '443'] })).toEqual([]);
});
