import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { run } from '../../../src/system/run.ts';
import { followOwnPrograms, withParent } from '../../../src/watch/changers.ts';

const changer = (process: number) => ({ program: 'nft', process }) as never;

test('a program that runs is shown with the one that started it', () => {
  const parent = readFileSync(`/proc/${process.ppid}/comm`, 'utf8').trim();
  expect(withParent(changer(process.pid))).toMatchObject({ parent });
});

test('one that has ended is shown alone', () => {
  const { pid } = spawnSync('true');
  expect(withParent(changer(pid))).not.toHaveProperty('parent');
  expect(withParent(changer(1)), 'which the kernel started').not.toHaveProperty('parent');
});

test('the programs that this process runs are its own, until it stops listening', () => {
  const own = followOwnPrograms();
  const pid = Number(run({ program: 'sh', args: ['-c', 'echo $$'] }, 'asking'));
  expect(own.includes(changer(pid))).toBe(true);
  expect(own.includes(changer(process.pid))).toBe(false);
  own.stop();
  const later = Number(run({ program: 'sh', args: ['-c', 'echo $$'] }, 'asking'));
  expect(own.includes(changer(later))).toBe(false);
});
