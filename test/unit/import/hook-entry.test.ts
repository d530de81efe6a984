import type { Node } from 'jsonc-parser';
import { expect, test } from 'vitest';
import { readEntry } from '../../../src/import/hook-entry.ts';
import { HookReader } from '../../../src/import/hook-reader.ts';
import { parseJson } from '../../../src/import/json-tree.ts';
import { formatProblem } from '../../../src/model/problem.ts';

function read(entry: object, shared?: object) {
  const text = JSON.stringify(entry);
  const reader = new HookReader('f.json', text);
  const sharedAt = shared && {
    name: 'public_ip',
    node: parseJson(JSON.stringify(shared)) as Node,
    path: 'public_ip',
  };
  const found = readEntry({ node: parseJson(text) as Node, path: 'web' }, sharedAt, reader);
  return {
    found,
    problems: reader.problems.map(formatProblem),
    warnings: reader.warnings.map(formatProblem),
  };
}

test('an entry without a private address is left out, and said', () => {
  const { found, problems } = read({ port_map: { tcp: [80] } });
  expect(found).toBeUndefined();
  expect(problems).toEqual(['f.json:1: web: private_ip is missing']);
});

test('one address of each family, and no second one', () => {
  const both = { private_ip: '192.168.122.41', private_ipv6: 'fd00::41' };
  expect(read(both).found?.addresses).toEqual(['192.168.122.41', 'fd00::41']);
  expect(read({ private_ip: ['192.168.122.41', '192.168.122.42'] })).toMatchObject({
    found: { addresses: ['192.168.122.41'] },
    problems: ['f.json:1: web.private_ip: must be one address of each family'],
  });
});

test('a public address that all guests share counts for an entry without its own', () => {
  const entry = { private_ip: '192.168.122.41' };
  expect(read(entry, ['203.0.113.1']).found?.publicAddresses).toEqual(['203.0.113.1']);
  expect(read({ ...entry, public_ip: '203.0.113.2' }, ['203.0.113.1']).found?.publicAddresses).toEqual([
    '203.0.113.2',
  ]);
});

test.each(['0.0.0.0', '224.0.0.1', '192.168.122.0/24', 'web', ''])(
  '%j is refused as an address of a guest',
  (private_ip) => {
    const { found, problems } = read({ private_ip });
    expect(found).toBeUndefined();
    expect(problems).toHaveLength(1);
  },
);

test('sources that are not there mean all; an empty list means none', () => {
  expect(read({ private_ip: '192.168.122.41' }).found?.sources).toBeUndefined();
  expect(read({ private_ip: '192.168.122.41', source_ip: [] }).found?.sources).toEqual([]);
});

test('where the policy restricts more than the hook did, a warning says so', () => {
  const both = { private_ip: '192.168.122.41', private_ipv6: 'fd00::41', source_ip: '10.0.0.0/8' };
  expect(read(both).warnings).toEqual([
    'f.json:1: web.source_ip: contains no IPv6 network: guestgate denies all IPv6 access',
  ]);
  const ranges = { private_ip: '192.168.122.41', source_ip: '10.0.0.0/8', port_range: [] };
  expect(read(ranges).warnings[0]).toContain('restricts port_range, too');
});

test('a network that is none is a mistake with an example', () => {
  const { problems } = read({ private_ip: '192.168.122.41', source_ip: '10.0.0.0/33' });
  expect(problems[0]).toMatch(/invalid network "10.0.0.0\/33" \(like /);
});

test('keys without a counterpart, and unknown ones, are warnings', () => {
  const { warnings } = read({ private_ip: '192.168.122.41', interface: 'virbr0', portmap: {} });
  expect(warnings).toEqual([
    'f.json:1: web.portmap: unknown key, left out (did you mean "port_map"?)',
    expect.stringContaining('web.interface: not needed'),
  ]);
});
