import { expect, test } from 'vitest';
import type { Problem } from '../../../src/model/problem.ts';
import { parseEgress, readEgress } from '../../../src/policy/egress-list.ts';

const tcp = (first: number, last = first) => ({ protocol: 'tcp', ports: { first, last } });

test.each([
  ['25', tcp(25)],
  ['25/tcp', tcp(25)],
  ['8000-8010', tcp(8000, 8010)],
  ['192.0.2.7:443', { to: '192.0.2.7/32', ...tcp(443) }],
  ['192.0.2.0/24:443/tcp', { to: '192.0.2.0/24', ...tcp(443) }],
  ['[2001:db8::/32]:443', { to: '2001:db8::/32', ...tcp(443) }],
  ['[2001:db8::]/32:443', { to: '2001:db8::/32', ...tcp(443) }],
  ['[2001:db8::1]:443', { to: '2001:db8::1/128', ...tcp(443) }],
])('%s', (text, parsed) => {
  expect(parseEgress(text)).toEqual([{ ...parsed, text }]);
});

test('two protocols are two entries', () => {
  expect(parseEgress('53/tcp+udp')).toMatchObject([{ protocol: 'tcp' }, { protocol: 'udp' }]);
});

test.each([
  ['2001:db8::1:443', 'invalid network'],
  ['mail.example:587', 'invalid network "mail.example"'],
  [':25', 'invalid network ""'],
  ['', 'invalid port'],
  ['25/icmp', 'protocol'],
  ['0', 'invalid port'],
  ['192.0.2.0/33:25', 'invalid network'],
])('%j is invalid', (text, problem) => {
  expect(parseEgress(text)).toMatchObject({ problem: expect.stringContaining(problem) });
});

test('each mistake is reported at its entry, and the rest counts', () => {
  const problems: Problem[] = [];
  const place = { file: 'f', path: ['guest', 'web'] };
  expect(readEgress(['x', '25'], place, problems)).toHaveLength(1);
  expect(problems).toMatchObject([{ path: ['guest', 'web', 'egress', 0], key: 'egress' }]);
  expect(readEgress(undefined, place, problems)).toBeUndefined();
});

test('no more than 64 entries: they are cut where they overlap', () => {
  const problems: Problem[] = [];
  readEgress(
    Array.from({ length: 65 }, (_, index) => `${index + 1}`),
    { file: '', path: [] },
    problems,
  );
  expect(problems).toMatchObject([{ problem: 'egress has 65 entries; the limit is 64' }]);
});
