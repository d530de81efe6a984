import { expect, test } from 'vitest';
import { isInterfaceName } from '../../../src/model/interface-name.ts';
import { CommandError, formatProblem, messageOf, quoted, UserError } from '../../../src/model/problem.ts';

test.each(['eth0', 'virbr0', 'br-lan', 'enp3s0.100', 'vnet12', 'wg_0', 'a@b', 'vif1.0-emu', 'x'.repeat(15)])(
  '%s is an interface',
  (name) => expect(isInterfaceName(name)).toBe(true),
);

test.each([
  '',
  '.',
  '..',
  'a b',
  'a/b',
  'a"b',
  'a;b',
  '{}',
  'eth*',
  'ppp+',
  '$x',
  'a\\b',
  'a\nb',
  'ethé',
  'x'.repeat(16),
])('%j is none', (name) => expect(isInterfaceName(name)).toBe(false));

test('a quoted name is one line of printable characters, 90 at most or escaped', () => {
  expect(quoted('web')).toBe('"web"');
  expect(quoted('a"b\n\u001b[31m\u009b\u202e\u2028')).toBe('"a\\"b\\n\\u001b[31m\\u009b\\u202e\\u2028"');
  expect(quoted('x'.repeat(200))).toBe(`"${'x'.repeat(77)}..."`);
  expect(quoted(`${'x'.repeat(76)}🚪🚪🚪`)).not.toMatch(/[\ud800-\udfff]/);
});

test('messages name their causes', () => {
  const error = new UserError('writing a', { cause: new Error('disk full', { cause: 'x' }) });
  expect(messageOf(error)).toBe('writing a: disk full: x');
  expect(messageOf('text')).toBe('text');
  expect(formatProblem({ where: 'a:1', problem: 'b', hint: 'c' })).toBe('a:1: b (c)');
  expect(formatProblem({ where: 'a:1', problem: 'b' })).toBe('a:1: b');
});

test('a failed command tells its first line, and all of it with numbered input on demand', () => {
  const error = new CommandError({
    doing: 'adding',
    command: 'nft -f -',
    outcome: 'failed',
    stderr: 'one\ntwo\n',
    input: 'a\nb',
  });
  expect(error.message).toBe('adding: nft -f - failed: one');
  expect(error.details).toBe('one\ntwo\n    1  a\n    2  b');
});
