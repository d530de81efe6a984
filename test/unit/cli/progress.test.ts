import { expect, test } from 'vitest';
import { startProgress } from '../../../src/cli/progress.ts';

function shown(isTTY: boolean, times: readonly number[]): string {
  const written: string[] = [];
  let time = 0;
  const progress = startProgress({ isTTY, write: (text) => written.push(text) }, () => time);
  for (const at of times) {
    time = at;
    progress.step(`step at ${at}`);
  }
  progress.end();
  return written.join('');
}

test('what takes longer than a second is shown on a terminal, not at every step, and goes away', () => {
  expect(shown(true, [0, 500, 1500, 1550, 1700])).toBe(
    '\r\u001b[Kstep at 1500 ...\r\u001b[Kstep at 1700 ...\r\u001b[K',
  );
});

test('what is quick shows nothing, and a file or a pipe gets nothing', () => {
  expect(shown(true, [0, 500, 900])).toBe('');
  expect(shown(false, [0, 5000])).toBe('');
});
