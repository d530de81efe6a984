import { expect, test } from 'vitest';
import { parseConfiguration } from '../../../src/policy/configuration.ts';
import type { PlanReading } from '../../../src/reconcile/plan-reading.ts';
import { requestFor } from '../../../src/reconcile/request-for.ts';
import { desiredOf, forwardOf } from '../records.ts';

const file = '/g.toml';
const problem = { where: file, problem: 'cannot be read' };
const premise = { configuration: 'monday' };
const how = { cause: 'command', stage: 'all' } as const;

function readingOf(more: { facts?: string; unknown?: boolean } = {}): PlanReading {
  const parsed = parseConfiguration([{ path: file, text: '[host]\nmark = 16' }], file);
  const configuration = { ...parsed, ...(more.unknown && { hostUnknown: [problem] }) };
  return { configuration, backend: 'nftables', hostFacts: () => more.facts } as unknown as PlanReading;
}

test('a guest with a policy gets what it should have, with the host’s mark and back end', () => {
  const desired = desiredOf('web', { elements: [forwardOf(80)] });
  expect(requestFor(desired, premise, readingOf(), how)).toEqual({
    kind: 'apply',
    cause: 'command',
    stage: 'all',
    desired,
    premise,
    mark: 16,
    backend: 'nftables',
  });
});

test('a plan that asked for the host’s uplinks depends on them', () => {
  expect(requestFor(desiredOf('web'), premise, readingOf({ facts: 'eth0' }), how).premise).toEqual({
    ...premise,
    host: 'eth0',
  });
});

test('where [host] cannot be read, the mark stays as it is', () => {
  expect(requestFor(desiredOf('web'), premise, readingOf({ unknown: true }), how)).not.toHaveProperty('mark');
});

test('a guest without a policy loses its rules; it has not ended', () => {
  expect(requestFor(desiredOf('web', { managed: false }), premise, readingOf(), how)).toEqual({
    kind: 'remove',
    guest: { driver: 'qemu', name: 'web' },
    ended: false,
    premise,
  });
});

test('a guest whose policy is unknown keeps its rules, with the problem', () => {
  const subject = 'web';
  const desired = desiredOf('web', {
    managed: false,
    problems: [{ subject, problem: 'unread', severity: 'something' }],
  });
  expect(requestFor(desired, premise, readingOf(), how).kind).toBe('apply');
});
