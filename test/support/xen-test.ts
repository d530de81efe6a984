import { test as base } from 'vitest';
import type { XenLabOptions } from './xen-host.ts';
import { XenLab } from './xen-lab.ts';

/** One Xen host for a file, as `labTest()` has a lab. */
export function xenTest() {
  const xen = new XenLab();
  const test = base
    .extend('xen', { scope: 'file' }, xen)
    .extend('begun', { scope: 'file', auto: true }, async ({ xen: own }, { onCleanup }) => {
      onCleanup(() => own.destroy());
      await own.begin();
    });
  return { test, xen };
}

/** A Xen host of its own for each test: `test('...', ({ xen }) => ...)`. */
export function ownXenTest(options: XenLabOptions) {
  return base.extend('xen', async ({ task: _ }, { onCleanup }) => {
    const xen = new XenLab();
    onCleanup(() => xen.destroy());
    await xen.begin(options);
    return xen;
  });
}
