import '../own-folders.ts';
import { existsSync } from 'node:fs';
import { expect } from 'vitest';
import { rescue } from '../../../src/apply/rescue.ts';
import { keptFiles } from '../../../src/model/kept-files.ts';
import { mayBePending } from '../../../src/state/may-be-pending.ts';
import { writePending } from '../../../src/state/pending-change.ts';
import { writeSavedRules } from '../../../src/state/saved-rules.ts';
import { bootId } from '../../../src/system/boot-clock.ts';
import { folderTest as test } from '../own-folders.ts';

const saved = { backend: 'nftables', tables: [], bypassed: [], made: [], settings: {} } as const;

test('a second rescue is refused: it would save the first one as the rules before', async () => {
  writeSavedRules({ ...saved, boot: bootId() }, {});
  await expect(rescue(60)).rejects.toThrow('a rescue is in place already');
  expect([mayBePending(), existsSync(keptFiles.saved)]).toEqual([false, true]);
});

test('beside a change that waits it is refused, and changes nothing', async () => {
  writePending({ stamp: '', files: [] }, 60);
  await expect(rescue(60)).rejects.toThrow('another change waits');
  expect(existsSync(keptFiles.rescue)).toBe(false);
});
