import '../own-folders.ts';
import { closeSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { expect } from 'vitest';
import { paths } from '../../../src/model/paths.ts';
import { stateFiles } from '../../../src/model/state-files.ts';
import { takeIfFree, withLock } from '../../../src/system/lock.ts';
import { folderTest as test } from '../own-folders.ts';

const remove = () => rmSync(paths.state, { recursive: true, force: true });
const take = () => {
  mkdirSync(paths.state, { recursive: true });
  const descriptor = takeIfFree(stateFiles.lock);
  if (descriptor === undefined) throw new Error('the lock is held already');
  return descriptor;
};

test('what others have done meanwhile needs no lock', () => {
  const held = take();
  expect(
    withLock<string>(
      () => 'ours',
      () => 'theirs',
    ),
  ).toBe('theirs');
  closeSync(held);
});

test('the lock is held until what was begun with it has ended, also when that fails', async () => {
  await withLock(async () => {
    await Promise.resolve();
    expect(takeIfFree(stateFiles.lock)).toBeUndefined();
  });
  expect(() =>
    withLock(() => {
      throw new Error('on purpose');
    }),
  ).toThrow('on purpose');
  closeSync(take());
});

test('who waited for the lock of a removed folder waits for the new one', () => {
  const old = take();
  const held: number[] = [];
  let looks = 0;
  const ended = withLock<string>(
    () => 'beside another',
    () => {
      looks++;
      if (looks === 1) {
        remove();
        held.push(take());
        closeSync(old);
      }
      return looks === 3 ? 'waited' : undefined;
    },
  );
  expect(ended).toBe('waited');
  for (const descriptor of held) closeSync(descriptor);
});

test('a folder that was removed meanwhile is made again', () => {
  const old = take();
  const ended = withLock<boolean>(
    () => existsSync(stateFiles.lock),
    () => {
      remove();
      closeSync(old);
      return undefined;
    },
  );
  expect(ended).toBe(true);
});
