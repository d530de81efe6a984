import { defineConfig } from 'vitest/config';

/** Labs make namespaces and send packets: one file at a time, and patience for two slow cores. */
const lab = { testTimeout: 60_000, hookTimeout: 60_000, fileParallelism: false };

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts', 'test/cases/**/*.test.ts'] } },
      { test: { name: 'lab', include: ['test/lab/**/*.test.ts'], ...lab } },
      {
        test: {
          name: 'libvirt',
          include: ['test/libvirt/**/*.test.ts'],
          ...lab,
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
    ],
  },
});
