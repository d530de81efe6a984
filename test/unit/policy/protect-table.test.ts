import { expect, test } from 'vitest';
import type { Problem } from '../../../src/model/problem.ts';
import { parseProtection } from '../../../src/policy/protect-table.ts';

const place = { file: 'f', path: ['host', 'protect'] };

function parse(table: unknown) {
  const problems: Problem[] = [];
  return { protection: parseProtection(table, place, problems), problems };
}

test('all keys', () => {
  expect(
    parse({
      ping_rate: '10/second',
      ping_size: 1000,
      icmp: 'needed',
      reject: [25, '53/udp', '8000-8010/tcp+udp'],
      ssh_from: ['198.51.100.0/24', '2001:db8::1'],
      ssh_ports: ['22', 2222],
      log: '5/minute',
    }),
  ).toEqual({
    problems: [],
    protection: {
      pingRate: { connections: 10, per: 'second' },
      pingSize: 1000,
      icmp: 'needed',
      reject: [
        { protocol: 'tcp', ports: { first: 25, last: 25 } },
        { protocol: 'udp', ports: { first: 25, last: 25 } },
        { protocol: 'udp', ports: { first: 53, last: 53 } },
        { protocol: 'tcp', ports: { first: 8000, last: 8010 } },
        { protocol: 'udp', ports: { first: 8000, last: 8010 } },
      ],
      sshFrom: ['198.51.100.0/24', '2001:db8::1/128'],
      sshPorts: [
        { first: 22, last: 22 },
        { first: 2222, last: 2222 },
      ],
      log: { connections: 5, per: 'minute' },
    },
  });
});

test.each([{}, { log: '1/minute' }, { icmp: 'all', reject: [] }, { ssh_ports: ['22'] }])(
  '%j protects nothing',
  (table) => {
    expect(parse(table)).toEqual({ protection: undefined, problems: [] });
  },
);

test('all mistakes are reported together, each with its place', () => {
  const { problems } = parse({
    ping_rate: 'x',
    ping_size: 70_000,
    icmp: 'none',
    reject: ['a', '1/sctp'],
    typo: 1,
  });
  expect(problems.map(({ path }) => path?.slice(2).join('.'))).toEqual([
    'ping_size',
    'icmp',
    'typo',
    'ping_rate',
    'reject.0',
    'reject.0',
  ]);
  expect(parse([]).problems).toHaveLength(1);
});
