import '../own-folders.ts';
import { mkdirSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { runAgain } from '../../../src/hook/run-again.ts';
import { paths } from '../../../src/model/paths.ts';
import { type HookEvent, writeHookEvent } from '../../../src/state/hook-events.ts';
import { folderTest as test } from '../own-folders.ts';

const event = (number: number, operation: string, more: Partial<HookEvent> = {}): HookEvent => ({
  number,
  at: '2026-01-01T00:00:00.000Z',
  hook: 'qemu',
  object: 'web',
  operation,
  level: 'info',
  message: '',
  exitCode: 0,
  milliseconds: 1,
  ...more,
});

test('an event that is not kept, or came from a script of Xen, cannot run again', async () => {
  await expect(runAgain(3)).rejects.toThrow('reading event 3: it is not among the events that are kept');
  writeHookEvent(event(4, 'online', { hook: 'vif' }));
  await expect(runAgain(4)).rejects.toThrow('guestgate replay web');
});

test('an end does not close a guest that runs, and a start does not open one that does not', async () => {
  mkdirSync(`${paths.libvirtRun}/qemu`, { recursive: true });
  writeHookEvent(event(1, 'started'));
  writeHookEvent(event(2, 'stopped'));
  await expect(runAgain(1)).rejects.toThrow('guest "web" does not run, and started adds rules');
  writeFileSync(`${paths.libvirtRun}/qemu/web.xml`, '<domstatus/>');
  await expect(runAgain(2)).rejects.toThrow('guest "web" runs, and stopped removes its rules');
});
