import { expect, onTestFinished, test, vi } from 'vitest';
import { CommandError } from '../../../src/model/problem.ts';
import { runPatiently } from '../../../src/system/run-patiently.ts';

const sh = (script: string, input?: string) =>
  runPatiently(
    { program: 'sh', args: ['-c', script], ...(input !== undefined && { input }) },
    'checking our chains',
  );
async function failureOf(script: string): Promise<CommandError> {
  const error = await sh(script).catch((caught: unknown) => caught);
  if (!(error instanceof CommandError)) throw new Error('no CommandError', { cause: error });
  return error;
}

test('what a program prints is returned with its last newline, which shows that it is whole', async () => {
  expect(await sh('cat', 'a\nb\n')).toBe('a\nb\n');
});

test('without an input it reads nothing, and waits for nothing', async () => {
  expect(await sh('cat')).toBe('');
});

test('a program that fails says what was being done, its exit code and what it printed', async () => {
  const { failure, message } = await failureOf('echo wrong >&2; exit 3');
  expect(message).toBe('checking our chains: sh -c echo wrong >&2; exit 3 failed: wrong');
  expect(failure).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('wrong') });
});

test('one that a signal ended has no exit code', async () => {
  expect((await failureOf('kill -9 $$')).failure).not.toHaveProperty('exitCode');
});

test('one that is not installed says so', async () => {
  const run = runPatiently({ program: 'gg-missing', args: [] }, 'listing');
  await expect(run).rejects.toMatchObject({ failure: { notInstalled: true, outcome: 'is not installed' } });
});

test('it gets nothing of the environment that could change what it does', async () => {
  vi.stubEnv('XTABLES_LIBDIR', '/tmp/evil');
  vi.stubEnv('LC_ALL', 'tr_TR.UTF-8');
  onTestFinished(() => vi.unstubAllEnvs() && undefined);
  const names = (await runPatiently({ program: 'env', args: [] }, 'reading the environment'))
    .trim()
    .split('\n');
  expect(names.map((line) => line.replace(/^(PATH)=.*/, '$1')).toSorted()).toEqual(['LC_ALL=C', 'PATH']);
});
