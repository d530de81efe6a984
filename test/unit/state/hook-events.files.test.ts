import '../own-folders.ts';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { stateFiles } from '../../../src/model/state-files.ts';
import {
  eventFiles,
  type HookEvent,
  keptEvents,
  readHookEvent,
  readHookEvents,
  removeEventOrphans,
  writeHookEvent,
} from '../../../src/state/hook-events.ts';
import { folderTest as test } from '../own-folders.ts';

const eventOf = (number: number): HookEvent => ({
  number,
  at: new Date(1_700_000_000_000 + number).toISOString(),
  hook: 'qemu',
  object: 'web',
  operation: 'started',
  level: 'info',
  message: '1 forward',
  exitCode: 0,
  milliseconds: 12,
});

test('the last thousand are kept, in their order, and an earlier one is not taken for the one in its place', () => {
  for (let number = 1; number <= keptEvents + 2; number++) writeHookEvent(eventOf(number));
  const { events, damaged } = readHookEvents();
  expect(events.map(({ number }) => number)).toEqual(Array.from({ length: keptEvents }, (_, i) => i + 3));
  expect(damaged).toEqual([]);
  expect(readHookEvent(2)).toEqual({ kind: 'missing' });
  expect(readHookEvent(keptEvents + 2)).toMatchObject({ kind: 'read', value: eventOf(keptEvents + 2) });
});

test('a damaged file concerns its own event alone', () => {
  for (const number of [1, 2, 3]) writeHookEvent(eventOf(number));
  writeFileSync(join(stateFiles.events, '2.json'), '{"format":1,"num');
  writeFileSync(join(stateFiles.events, '3.json.77.tmp'), 'what a killed process left');
  const { events, damaged } = readHookEvents();
  expect(events.map(({ number }) => number)).toEqual([1, 3]);
  expect(damaged).toEqual([
    { path: join(stateFiles.events, '2.json'), why: expect.stringContaining('JSON') },
  ]);
  expect(readHookEvent(2)).toMatchObject({ kind: 'unreadable' });
});

test('what a killed process left goes, and what a running one writes stays', () => {
  writeHookEvent(eventOf(1));
  const left = join(stateFiles.events, '3.json.4194304.tmp');
  const writing = join(stateFiles.events, `4.json.${process.pid}.tmp`);
  for (const path of [left, writing]) writeFileSync(path, '{');
  removeEventOrphans();
  expect([existsSync(left), existsSync(writing)]).toEqual([false, true]);
});

test('an event that replaces another changes the stamp of its file', () => {
  writeHookEvent(eventOf(1));
  const [before] = eventFiles();
  writeHookEvent({ ...eventOf(1 + keptEvents), milliseconds: 13 });
  const [after] = eventFiles();
  expect(after?.path).toBe(before?.path);
  expect(after?.stamp).not.toBe(before?.stamp);
});
