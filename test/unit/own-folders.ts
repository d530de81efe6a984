import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'vitest';
import { paths } from '../../src/model/paths.ts';

/*
 * Files of a test's own in place of the host's: every folder of `paths` is below one of this process. Modules make file
 * names of `paths` when they are loaded, so a test imports this file before them. Its name ends with `.files.test.ts`: only
 * such tests run in its process, one after the other, and each finds the folders empty.
 */

const root = join(tmpdir(), `guestgate-unit-${process.pid}-${Math.random().toString(36).slice(2)}`);
Object.assign(
  paths,
  Object.fromEntries(
    Object.entries(paths).map(([name, path]) => [
      name,
      typeof path === 'string' ? join(root, path) : path.map((one) => join(root, one)),
    ]),
  ),
);

/** A test whose folders are empty at its start and gone after it. `root` is the folder that has all of them. */
export const folderTest = test.extend<{ readonly root: string }>({
  root: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of fixtures from the pattern
    async ({}, use) => {
      rmSync(root, { recursive: true, force: true });
      await use(root);
      rmSync(root, { recursive: true, force: true });
    },
    { auto: true },
  ],
});
