import { expect, onTestFinished, test, vi } from 'vitest';
import { run } from '../../../src/system/run.ts';

test('a program gets PATH, a language and verbosity, and nothing else of the environment', () => {
  vi.stubEnv('XTABLES_LIBDIR', '/tmp/evil');
  vi.stubEnv('LC_ALL', 'tr_TR.UTF-8');
  vi.stubEnv('GUESTGATE_VERBOSE', '1');
  onTestFinished(() => vi.unstubAllEnvs() && undefined);
  const names = run({ program: 'env', args: [] }, 'reading the environment')
    .trim()
    .split('\n')
    .map((line) => line.replace(/^(PATH)=.*/, '$1'));
  expect(names.toSorted()).toEqual(['GUESTGATE_VERBOSE=1', 'LC_ALL=C', 'PATH']);
});
