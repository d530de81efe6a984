import { expect, onTestFinished, test, vi } from 'vitest';
import { reportError } from '../../../src/cli/report-error.ts';
import { exitCodes } from '../../../src/model/exit-code.ts';
import { CommandError, Hindrance, UserError } from '../../../src/model/problem.ts';

/** The exit code, and what was written to stderr. */
function report(error: unknown, verbose = false) {
  let text = '';
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((piece) => {
    text += String(piece);
    return true;
  });
  onTestFinished(() => write.mockRestore());
  const code = reportError(error, verbose);
  write.mockRestore();
  return { code, text };
}
const failure = {
  doing: 'adding rules',
  command: 'nft -f -',
  outcome: 'failed',
  stderr: 'line 1\nline 2',
  input: 'add x',
};

test('a mistake of the user’s is one line, without a stack', () => {
  const { code, text } = report(new UserError('invalid port "x"'));
  expect(code).toBe(exitCodes.mistake);
  expect(text).toBe('guestgate: invalid port "x"\n');
});

test('what is in the way is no mistake', () => {
  expect(report(new Hindrance('others hold the lock')).code).toBe(exitCodes.failed);
});

test('a program that failed; what it was given and printed only if that is asked for', () => {
  const { code, text } = report(new CommandError(failure));
  expect(code).toBe(exitCodes.failed);
  expect(text).toContain('adding rules: nft -f - failed: line 1');
  expect(text).not.toContain('line 2');
  expect(report(new CommandError(failure), true).text).toMatch(/line 2\n {4}1 {2}add x/);
});

test('the command that shows all of a listing', () => {
  expect(report(new CommandError({ ...failure, look: 'nft list ruleset' })).text).toContain(
    'to see all of it, run: nft list ruleset',
  );
});

test('what needs root says so, however deep the reason is', () => {
  const denied = Object.assign(new Error('open'), { code: 'EACCES' });
  const { code, text } = report(new UserError('reading x', { cause: new Error('y', { cause: denied }) }));
  expect(code).toBe(exitCodes.mistake);
  expect(text).toContain('this needs root');
});

test('anything else is a bug, with its stack', () => {
  const { code, text } = report(new TypeError('x is undefined'));
  expect(code).toBe(exitCodes.bug);
  expect(text).toMatch(/TypeError: x is undefined\n\s+at .*\n[\s\S]*this is a bug/);
});

test('what comes from outside cannot move the cursor, and begins no line', () => {
  const { text } = report(new UserError('guest "\u001b[2J\nguestgate: all is well"'));
  expect(text).not.toContain('\u001b');
  expect(text.trimEnd().split('\n')).toHaveLength(1);
});
