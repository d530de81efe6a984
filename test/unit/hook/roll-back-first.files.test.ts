import '../own-folders.ts';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, vi } from 'vitest';
import { rollBackFirst } from '../../../src/hook/roll-back-first.ts';
import { keptFiles } from '../../../src/model/kept-files.ts';
import { paths } from '../../../src/model/paths.ts';
import { keepApplied } from '../../../src/state/configuration-copy.ts';
import { configurationStamp } from '../../../src/state/configuration-stamp.ts';
import { readPending, writePending } from '../../../src/state/pending-change.ts';
import { folderTest as test } from '../own-folders.ts';

/* The process that it starts is this one's program, which is vitest. */
vi.mock('../../../src/system/run.ts', async (original) => ({
  ...(await original<object>()),
  startApart: () => {},
}));

const main = `${paths.configuration}/guestgate.toml`;

function changed(): void {
  mkdirSync(paths.configuration, { recursive: true });
  writeFileSync(main, 'before');
  keepApplied(configurationStamp());
  writePending({ stamp: '', files: [] }, 60);
  writeFileSync(main, 'after');
}

test('a change that waits is left alone', () => {
  changed();
  rollBackFirst();
  expect(readFileSync(main, 'utf8')).toBe('after');
  expect(readPending()?.stage).toBe('waiting');
});

test('the files of a change that is due are restored before the event reads them', () => {
  changed();
  writeFileSync(keptFiles.waiting, readFileSync(keptFiles.waiting, 'utf8').replace(/"boot":"/, '$&x'));
  rollBackFirst();
  expect(readFileSync(main, 'utf8')).toBe('before');
  expect(readPending()?.stage).toBe('restored');
});
