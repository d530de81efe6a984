import '../own-folders.ts';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { DoctorContext } from '../../../src/doctor/check.ts';
import { temporary } from '../../../src/doctor/temporary-rules.ts';
import { keptFiles } from '../../../src/model/kept-files.ts';
import { writePending } from '../../../src/state/pending-change.ts';
import { folderTest as test } from '../own-folders.ts';

const look = () => temporary({} as DoctorContext);

test('a host where nothing is temporary has no such finding', async () => {
  expect(await look()).toEqual([]);
});

test('the doctor says that a change waits, and how it is confirmed', async () => {
  writePending('rescue', 60);
  expect(await look()).toMatchObject([
    {
      problem: expect.stringMatching(
        /^a rescue waits for its confirmation: without it, it is undone in \d+ s$/,
      ),
      fix: 'guestgate confirm',
    },
  ]);
});

test('a file that cannot be read is no reason to say nothing', async () => {
  mkdirSync(keptFiles.rescue, { recursive: true });
  writeFileSync(join(keptFiles.saved), '{');
  expect(await look()).toMatchObject([{ subject: 'rescue', problem: expect.stringContaining('saved.json') }]);
});
