import { describe, expect, test } from 'vitest';
import type { GuestPolicyFound } from '../../../src/model/policy.ts';
import { parseConfiguration } from '../../../src/policy/configuration.ts';
import { effectivePolicy } from '../../../src/policy/guest-policy.ts';
import { parseGuestTable } from '../../../src/policy/guest-table.ts';
import { excessOf, remedyOf, sizeOf } from '../../../src/policy/policy-size.ts';

const table = (written: Record<string, unknown>): GuestPolicyFound =>
  parseGuestTable(written, { file: '/g.toml', path: ['guest', 'web'] });
const size = (written: Record<string, unknown>) => sizeOf(table(written).policy);
const configuration = (text: string) => parseConfiguration([{ path: '/g.toml', text }], '/g.toml');
const guest = { driver: 'qemu', name: 'web', nics: [] } as const;
const numbers = (count: number) => Array.from({ length: count }, (_, index) => `${1000 + index}`);

describe('the size of a policy', () => {
  test.each([
    [{}, { forwards: 0, shiftedPorts: 0, sources: 0 }],
    [{ forward: ['80', '8443:443/tcp+udp'], open: ['22'] }, { forwards: 4 }],
    [{ public_address: ['203.0.113.1', '203.0.113.2'], snat: '203.0.113.2' }, { forwards: 3 }],
    [{ forward: ['8443:443', '1000-65000', '2000-2009:3000/tcp+udp'] }, { forwards: 4, shiftedPorts: 20 }],
    [{ deny_from: ['192.0.2.0/24', '10.0.0.0/8'] }, { sources: 2 }],
    [{ allow_from: ['192.0.2.0/24', '10.0.0.0/8'], forward: ['80', '81', '82'] }, { sources: 8 }],
    [
      {
        allow_from: ['192.0.2.0/24'],
        forward: [{ port: 80, from: ['10.0.0.0/8', '10.1.2.3', '172.16.0.0/12'] }],
      },
      { sources: 3 },
    ],
    [
      { allow_from: ['192.0.2.0/24'], public_address: ['203.0.113.1', '203.0.113.2', '203.0.113.3'] },
      { sources: 3 },
    ],
  ])('%j', (written, expected) => {
    expect(size(written)).toMatchObject(expected);
  });

  test('what is at a limit is within it', () => {
    const limits = { forwards: 2, shiftedPorts: 3, sources: 0 };
    expect(excessOf(table({ forward: ['80', '9000-9002:80'] }).policy, limits)).toEqual([]);
    expect(excessOf(table({ forward: ['80', '81', '9000-9003:80'] }).policy, limits)).toEqual([
      {
        key: 'forwards',
        problem: 'the policy has 3 forwards, open ports and public addresses; the limit is 2',
      },
      { key: 'shifted_ports', problem: 'the policy has 4 ports in shifted ranges; the limit is 3' },
    ]);
  });
});

test('ranges have a limit that no key raises', () => {
  const unlimited = { forwards: 1e6, shiftedPorts: 1e6, sources: 1e6 };
  const ranges = (count: number) =>
    Array.from({ length: count }, (_, at) => {
      const first = 2 + 2 * (at % 30_000);
      return `203.0.113.${1 + Math.floor(at / 30_000)}:${first}-${first + 1}:${first}-${first + 1}`;
    });
  expect(excessOf(table({ forward: ranges(8192) }).policy, unlimited)).toEqual([]);
  const excess = excessOf(table({ forward: ranges(60_000) }).policy, unlimited);
  expect(excess).toEqual([{ problem: expect.stringContaining('weigh as much as 60000 ranges') }]);
  expect(remedyOf({ problem: '' }, 'limits')).toContain('neighbouring ranges');
  expect(remedyOf({ problem: '', key: 'sources' }, 'limits')).toBe('raise sources in [host.limits]');
});

describe('limits', () => {
  const problems = (text: string, written: Record<string, unknown>) =>
    effectivePolicy(guest, table(written), configuration(text)).problems.map(
      ({ problem, hint }) => `${problem} (${hint})`,
    );
  const sixtyFive =
    'the policy has 65 forwards, open ports and public addresses; the limit is 64 ' +
    '(raise forwards in [host.metadata_limits], or use a file in /etc/guestgate)';

  test('metadata may give a few forwards and short shifted ranges, unless the administrator grants more', () => {
    expect(problems('', { forward: numbers(64) })).toEqual([]);
    expect(problems('', { forward: numbers(65) })).toEqual([sixtyFive]);
    expect(problems('[host.metadata_limits]\nforwards = 65', { forward: numbers(65) })).toEqual([]);
    expect(problems('', { forward: ['2-65535:1-65534/tcp+udp+sctp'] })).toHaveLength(1);
    expect(problems('', { forward: ['1-65535/tcp+udp+sctp'] })).toEqual([]);
  });

  test('what a file overrides does not count', () => {
    expect(problems('[guest.web]\nforward = ["80"]', { forward: numbers(65) })).toEqual([]);
    expect(problems('[guest.web]\nsnat = "203.0.113.9"', { forward: numbers(65) })).toEqual([sixtyFive]);
  });

  test('both together have the limit of a whole policy', () => {
    const file = '[host.limits]\nsources = 50\n[guest.web]\nallow_from = ["192.0.2.0/24", "10.0.0.0/8"]';
    expect(problems(file, { forward: numbers(24) })).toEqual([]);
    expect(problems(file, { forward: numbers(25) })).toEqual([
      expect.stringContaining('raise sources in [host.limits]'),
    ]);
  });

  test('a file beyond its limit is a mistake of that guest, with its place', () => {
    const { problems: all, guests } = configuration(
      '[host.limits]\nforwards = 1\n[guest.web]\nforward = ["80", "81"]\n[guest.db]\nforward = ["82"]',
    );
    expect(all).toMatchObject([{ where: '/g.toml', path: ['guest', 'web'] }]);
    expect(guests.get('web')?.problems).toHaveLength(1);
    expect(guests.get('db')?.problems).toEqual([]);
  });

  test.each(['limits = 3', '[host.limits]\nforwards = -1', '[host.limits]\nports = 3'])(
    '%s is one mistake',
    (text) => {
      expect(configuration(`[host]\n${text}`).problems).toHaveLength(1);
    },
  );
});
