import { test } from 'vitest';

/** A test that lists what the kernel holds. Without root it is skipped, and says so; in CI it runs, and fails. */
export const rootTest = test.extend<{ root: undefined }>({
  root: [
    async ({ skip }, use) => {
      skip(process.getuid?.() !== 0 && process.env['CI'] !== 'true', 'it needs root');
      await use(undefined);
    },
    { auto: true },
  ],
});
