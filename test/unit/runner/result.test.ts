import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ended, resultOfCommand, resultOfVitest } from '../../runner/result.mjs';

/* What `npm test` says of a step: every failure is named, also where vitest reports none. */

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'guestgate-result-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const well = { status: 0, signal: null, output: '' };
const failing = { ...well, status: 1 };

function result(entries: readonly object[], ended: Ended = well) {
  const report = join(folder, 'report.jsonl');
  writeFileSync(report, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  return resultOfVitest('lab', report, ended);
}

const outcome = (state: string, more = {}) => ({
  ...{ kind: 'test', file: 'a.test.ts', name: state, state, errors: [] },
  ...more,
});
const run = { kind: 'run', reason: 'passed', errors: [] };

test('a failed test has its file, its name, the first lines of its error, and the place', () => {
  const message = Array.from({ length: 10 }, (_, line) => `line ${line}`).join('\n');
  const errors = [{ message, place: `${process.cwd()}/test/a.test.ts:7` }];
  const { passed, failed } = result([outcome('passed'), outcome('failed', { errors }), run], failing);
  expect(passed).toBe(1);
  const lines = ['line 0', 'line 1', 'line 2', 'line 3', 'line 4', 'line 5'];
  expect(failed).toEqual([
    { where: 'a.test.ts: failed', lines: [...lines, '(4 more lines)', 'at test/a.test.ts:7'] },
  ]);
});

test('a skip has its reason', () => {
  expect(result([outcome('skipped', { note: 'no Xen here' }), run]).skipped).toEqual([
    { where: 'a.test.ts: skipped', lines: ['no Xen here'] },
  ]);
});

test('a file that did not end, and a vitest that was killed, are named', () => {
  const ended = { status: null, signal: 'SIGKILL', output: 'the last words\n' };
  expect(result([{ kind: 'began', file: 'b.test.ts' }, outcome('passed')], ended).failed).toEqual([
    { where: 'b.test.ts: it did not end', lines: ['vitest was ended by SIGKILL'] },
    { where: 'lab: vitest was ended by SIGKILL', lines: ['the last words'] },
  ]);
});

test('a vitest that reports nothing has failed, even with exit code 0', () => {
  expect(result([]).failed).toEqual([{ where: 'lab: vitest ended with exit code 0', lines: [] }]);
});

test('an exit code that no failure explains is one', () => {
  const ended = { status: 1, signal: null, output: 'No test files found\n' };
  expect(result([run], ended).failed).toEqual([
    { where: 'lab: vitest ended with exit code 1', lines: ['No test files found'] },
  ]);
});

test('errors outside of tests are named', () => {
  const errors = [{ message: 'late' }];
  expect(result([outcome('passed'), { ...run, errors }], failing).failed).toEqual([
    { where: 'lab: an error outside of tests', lines: ['late'] },
  ]);
});

test('a step that is a single test has the first lines of its output', () => {
  const output = '\u001b[31msrc/a.ts(1,1): error\u001b[0m\n';
  expect(resultOfCommand('types', { status: 2, signal: null, output })).toEqual({
    passed: 0,
    failed: [{ where: 'types: ended with exit code 2', lines: ['src/a.ts(1,1): error'] }],
    skipped: [],
  });
});
