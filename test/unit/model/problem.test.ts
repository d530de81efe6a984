import { expect, test } from 'vitest';
import {
  CommandError,
  ConfigurationChanged,
  Deferred,
  formatProblem,
  formatUnplaced,
  messageOf,
  quoted,
  UserError,
  withKey,
} from '../../../src/model/problem.ts';

test.each([
  [{ where: '/g.toml:1', problem: 'must be a table' }, '/g.toml:1: must be a table', 'must be a table'],
  [
    { where: '/g.toml:1', key: 'forward', problem: 'invalid port', hint: 'like 80' },
    '/g.toml:1: forward: invalid port (like 80)',
    'invalid port (like 80)',
  ],
])('%j', (problem, placed, unplaced) => {
  expect(formatProblem(problem)).toBe(placed);
  expect(formatUnplaced(problem)).toBe(unplaced);
  expect(placed).toContain(withKey(problem));
});

const failure = { doing: 'adding forwards', command: 'nft -f -', outcome: 'exited with 1', stderr: '' };

test('a program that failed: what was done, the program, its first line, and what to do', () => {
  const error = new CommandError({
    ...failure,
    stderr: 'line 12: no such file\n  ^^^^\n',
    advice: 'load nf_nat',
  });
  expect(error.message).toBe('adding forwards: nft -f - exited with 1: line 12: no such file (load nf_nat)');
  expect(new CommandError(failure).message).toBe('adding forwards: nft -f - exited with 1');
});

test('its details are all of stderr, and the input with the numbers of its lines', () => {
  const error = new CommandError({ ...failure, stderr: 'one\ntwo\n', input: 'add\ndelete' });
  expect(error.details).toBe('one\ntwo\n    1  add\n    2  delete');
});

test('a message names all causes', () => {
  const error = new UserError('writing x', { cause: new Error('no room', { cause: 'quota' }) });
  expect(messageOf(error)).toBe('writing x: no room: quota');
  expect(messageOf('a text')).toBe('a text');
  expect(messageOf(undefined)).toBe('undefined');
});

test('a mistake of a user is no program that failed', () => {
  for (const error of [new ConfigurationChanged('x'), new Deferred('x')])
    expect(error).toBeInstanceOf(UserError);
  expect(new CommandError(failure)).not.toBeInstanceOf(UserError);
});

test.each([
  ['web', '"web"'],
  ['a"b\n', '"a\\"b\\n"'],
  // It would turn the direction of what follows, or move a terminal's cursor.
  ['a\u202eb', '"a\\u202eb"'],
  ['\u001b[2J', '"\\u001b[2J"'],
  ['\u009b2J', '"\\u009b2J"'],
  ['x'.repeat(80), `"${'x'.repeat(80)}"`],
  ['x'.repeat(81), `"${'x'.repeat(77)}..."`],
])('the name %j in a message is %s', (name, text) => {
  expect(quoted(name)).toBe(text);
});
