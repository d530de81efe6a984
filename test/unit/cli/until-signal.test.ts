import { expect, test } from 'vitest';
import { untilSignal } from '../../../src/cli/until-signal.ts';

const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

test('the first signal of any kind ends what a command does', () => {
  const before = signals.map((name) => process.listeners(name));
  const signal = untilSignal();
  expect(signal.aborted).toBe(false);
  process.emit('SIGHUP');
  expect(signal.aborted).toBe(true);
  for (const [index, name] of signals.entries())
    for (const listener of process.listeners(name))
      if (!before[index]?.includes(listener)) process.off(name, listener);
});
