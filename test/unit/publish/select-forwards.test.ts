import { expect, test } from 'vitest';
import { parseGuestTable } from '../../../src/policy/guest-table.ts';
import { selectForwards } from '../../../src/publish/select-forwards.ts';

const texts = [
  '80',
  '8443:443',
  '53:53/udp',
  '53',
  '203.0.113.11:443:8443',
  '203.0.113.12:443:443',
  '9000-9002:80',
  '80',
];
const { policy } = parseGuestTable({ forward: texts }, { file: '', path: [] });
const select = (...sought: string[]) => selectForwards(policy.forwards ?? [], sought);

test.each<[string, number[]]>([
  ['8443', [1]],
  ['8443:443', [1]],
  ['8443:443/TCP', [1]],
  ['8443/tcp', [1]],
  ['*:8443:443', [1]],
  ['53/udp', [2]],
  ['53/tcp', [3]],
  ['203.0.113.11:443', [4]],
  ['203.0.113.11:443:8443', [4]],
  ['9000-9002', [6]],
  ['9000-9002:80-82', [6]],
  ['80', [0, 7]],
])('%s is found', (sought, indexes) => {
  expect(select(sought)).toEqual({ indexes, problems: [] });
});

test.each<[string, string]>([
  ['53', '53 could be 53:53/udp or 53:53/tcp: name one of them'],
  ['443', '443 could be 203.0.113.11:443:8443/tcp or 203.0.113.12:443:443/tcp: name one of them'],
  ['8443:444', '8443:444 is not published; similar forwards: 8443:443/tcp'],
  ['8443/udp', '8443/udp is not published; similar forwards: 8443:443/tcp'],
  ['9001', '9001 is not published; similar forwards: 9000-9002:80-82/tcp'],
  [
    '203.0.113.13:443',
    '203.0.113.13:443 is not published; similar forwards: 203.0.113.11:443:8443/tcp, 203.0.113.12:443:443/tcp',
  ],
  ['80/dccp', 'invalid protocol "dccp" (one of tcp, udp, sctp, or several: tcp+udp)'],
  ['web', 'invalid port "web" (ports are numbers from 1 to 65535, ranges like 60000-60010)'],
])('%s is not found, or could be several', (sought, problem) => {
  expect(select(sought)).toEqual({ indexes: [], problems: [problem] });
});

test('without a similar forward, all forwards are named, up to eight', () => {
  expect(select('1234', '80').problems).toEqual([
    expect.stringMatching(/^1234 is not published; its forwards: 80:80\/tcp, .*, 80:80\/tcp$/),
  ]);
  expect(selectForwards([], ['80']).problems).toEqual(['80 is not published: the guest has no forwards']);
});
