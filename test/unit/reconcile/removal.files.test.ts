import '../own-folders.ts';
import { existsSync } from 'node:fs';
import { expect } from 'vitest';
import { close } from '../../../src/reconcile/removal.ts';
import { folderTest as test } from '../own-folders.ts';
import { guestNamed } from '../records.ts';

test('a guest that never had rules ends without a lock, a request or a state folder', async () => {
  expect(await close(guestNamed('web'))).toEqual([]);
  const { paths } = await import('../../../src/model/paths.ts');
  expect(existsSync(paths.state)).toBe(false);
});
