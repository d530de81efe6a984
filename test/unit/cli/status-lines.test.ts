import { expect, test } from 'vitest';
import type { GuestStatus, Status } from '../../../src/check/status.ts';
import { plain } from '../../../src/cli/screen.ts';
import { formatAge, formatBytes, renderStatus } from '../../../src/cli/status-lines.ts';
import { forwardOf, recordOf } from '../records.ts';

const now = Date.parse('2026-01-02T00:00:00.000Z');
const guest = (name: string, more: Partial<GuestStatus> = {}): GuestStatus => ({
  ...recordOf(name),
  state: 'running',
  address: '192.168.122.41',
  addressSource: 'DHCP lease',
  elements: [{ element: forwardOf(8080), packets: 117, bytes: 1, connectionsNow: 2, bytesNow: 1_234_567 }],
  lastEvent: { number: 3, at: '2026-01-01T23:57:00.000Z', operation: 'started', level: 'info' },
  ...more,
});
const statusOf = (...guests: GuestStatus[]): Status => ({
  guests,
  networks: [],
  absent: [],
  headRules: [],
  problems: [],
});

test('three guests fit 80 columns, with everything that is known of each', () => {
  const problem = { subject: 'x', problem: 'port 9090/tcp is taken', severity: 'something' } as const;
  const shown = renderStatus(
    statusOf(
      guest('web'),
      guest('database', {
        state: 'ended',
        elements: [{ element: forwardOf(5432, { to: 5432 }), packets: 0 }],
      }),
      guest('漢字', { elements: [], problems: [problem] }),
    ),
    plain,
    now,
  );
  expect(shown.split('\n')).toEqual([
    'web       running  192.168.122.41 (DHCP lease)  started 3 min ago',
    '  *:8080/tcp -> 192.168.122.41:80    2 now  117 ever  1.2 MB',
    'database  ended    192.168.122.41 (DHCP lease)  started 3 min ago',
    '  *:5432/tcp -> 192.168.122.41:5432           0 ever',
    '漢字      running  192.168.122.41 (DHCP lease)  started 3 min ago',
    '  ! x: port 9090/tcp is taken',
    '  nothing open',
    '3 guests, 2 forwards, 2 connections now',
  ]);
  expect(Math.max(...shown.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
});

test('on a terminal a line is as long as it, and colours do not count', () => {
  const shown = renderStatus(statusOf(guest('w'.repeat(300))), { colours: true, width: 60 }, now);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control sequences
  const bare = shown.replaceAll(/\u001b\[\d+m/g, '');
  expect(bare.split('\n')[0]).toHaveLength(60);
  expect(shown).toContain('\u001b[1m');
});

test('a name cannot write control sequences', () => {
  expect(renderStatus(statusOf(guest('a\u001b[31mb\nc')), { colours: true, width: 200 }, now)).not.toContain(
    '\u001b[31m',
  );
});

test('one wide line does not push the numbers of the others aside', () => {
  const wide = { kind: 'denied', guest: '192.168.122.41', from: Array(20).fill('198.51.100.0/24') } as const;
  const shown = renderStatus(
    statusOf(guest('web'), guest('other', { elements: [{ element: wide }] })),
    plain,
    now,
  );
  expect(shown).toContain('  *:8080/tcp -> 192.168.122.41:80  2 now  117 ever  1.2 MB\n');
});

test('ages and sizes are short', () => {
  expect([0, 99_000, 180_000, 7_200_000, 400_000_000].map(formatAge)).toEqual([
    '0 s',
    '99 s',
    '3 min',
    '2 h',
    '5 days',
  ]);
  expect([0, 999, 1_500, 15_000, 2_500_000_000].map(formatBytes)).toEqual([
    '0 B',
    '999 B',
    '1.5 kB',
    '15 kB',
    '2.5 GB',
  ]);
});
