import { test as base } from 'vitest';
import { WatchedHost } from './watched-host.ts';

/** One watched host for a file, as `labTest()` has a lab. @param every milliseconds between two connections */
export function watchedTest(every: number) {
  const host = new WatchedHost(every);
  const test = base
    .extend('host', { scope: 'file' }, host)
    .extend('begun', { scope: 'file', auto: true }, async ({ host: own }, { onCleanup }) => {
      onCleanup(() => own.destroy());
      await own.begin();
    });
  return { test, host, web: host.guest };
}
