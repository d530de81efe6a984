import { expect, test } from 'vitest';
import { nftables } from '../../../src/backends/nftables/transaction.ts';
import type { Fault } from '../../../src/model/finding.ts';
import { CommandError } from '../../../src/model/problem.ts';
import { apart, asBefore } from '../../../src/reconcile/apart.ts';
import type { GuestChange } from '../../../src/reconcile/change.ts';
import { failedElements, refusedElements, setApart, withRemedy } from '../../../src/reconcile/set-aside.ts';
import type { GuestRecord } from '../../../src/state/records.ts';
import { forwardOf, recordOf } from '../records.ts';

const elements = [forwardOf(80)];
const { digest } = refusedElements(elements);

function changeOf(
  name: string,
  failed?: GuestRecord['failed'],
  more: Partial<GuestChange> = {},
): GuestChange {
  return {
    name: `qemu-${name}`,
    before: recordOf(name, failed && { failed }),
    after: recordOf(name, { elements }),
    adds: true,
    removes: false,
    doing: '',
    ...more,
  };
}

const names = (changes: readonly GuestChange[]) => changes.map(({ name }) => name.slice(5)).join(' ');
const all = [
  changeOf('new', undefined, { before: undefined }),
  changeOf('fine'),
  changeOf('once', { digest, times: 1 }),
  changeOf('often', { digest, times: 3 }),
  changeOf('changed', { digest: refusedElements([forwardOf(81)]).digest, times: 3 }),
  changeOf('ended', { digest, times: 3 }, { removes: true }),
];

test.each([
  [false, 'once', 'often'],
  [true, 'once often', ''],
])('with asked %s, those that failed are kept apart: alone %s, untried %s', async (asked, alone, untried) => {
  const parts = await apart(all, asked);
  expect(parts).toEqual(setApart(all, asked));
  expect(names(parts.together)).toBe('new fine changed ended');
  expect(names(parts.alone)).toBe(alone);
  expect(names(parts.untried)).toBe(untried);
});

test('a guest that is not tried answers with what it has', () => {
  const change = changeOf('often', { digest, times: 3 });
  expect(asBefore([change], 'qemu-often')).toMatchObject({ settled: change.before, change: { adds: false } });
  expect(asBefore([change], 'qemu-fine')).toBeUndefined();
});

const host = { networks: {}, mark: 1, backend: 'nftables' } as const;
const works = { ...nftables, probe: () => ({ program: 'echo', args: ['jump translate'] }) };
const broken = { ...nftables, probe: () => ({ program: 'false', args: [] }) };
const outcome = { doing: '', command: 'nft -f -', outcome: '', stderr: '' };
const refusal = new CommandError({ ...outcome, exitCode: 1 });
const timeout = new CommandError(outcome);

test.each<[string, unknown, typeof works, GuestRecord['failed'], number | undefined]>([
  ['a refusal is final', refusal, works, undefined, 3],
  ['a timeout counts', timeout, works, undefined, 1],
  ['again', timeout, works, { digest, times: 1 }, 2],
  ['those of other elements do not', timeout, works, { digest: 'other', times: 2 }, 1],
  ['where nothing works, the guest is not at fault', timeout, broken, undefined, undefined],
  ['nor for a refusal', refusal, broken, undefined, undefined],
  ['nor for another error', new Error('disk full'), works, undefined, undefined],
])('%s', (_, error, backend, before, times) => {
  expect(failedElements(changeOf('web', before), error, backend, host)?.times).toBe(times);
});

test('the advice names the command, once guestgate tries no more', () => {
  const fault: Fault = { problem: 'refused', severity: 'something' };
  expect(withRemedy(fault, { digest, times: 2 }, 'web')).toBe(fault);
  expect(withRemedy(fault, undefined, 'web')).toBe(fault);
  expect(withRemedy(fault, { digest, times: 3 }, 'two words').advice).toContain("replay 'two words'");
});
