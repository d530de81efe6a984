import { defineConfig } from 'vitest/config';

/** Labs make namespaces and send packets, and often wait: more files at a time than there are cores, and patience for two slow ones. */
const lab = { testTimeout: 60_000, hookTimeout: 60_000, maxWorkers: 3 };

/** Guests boot without hardware help: one host at a time. */
const libvirt = { ...lab, fileParallelism: false, testTimeout: 240_000, hookTimeout: 240_000 };

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts', 'test/cases/**/*.test.ts'] } },
      { test: { name: 'lab', include: ['test/lab/**/*.test.ts'], ...lab } },
      { test: { name: 'contract', include: ['test/contract/**/*.test.ts'], ...lab } },
      { test: { name: 'libvirt', include: ['test/libvirt/**/*.test.ts'], ...libvirt } },
      { test: { name: 'libvirt-nft', include: ['test/libvirt-nft/**/*.test.ts'], ...libvirt } },
      {
        test: {
          name: 'xen',
          include: ['test/xen/**/*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 1_600_000,
        },
      },
    ],
  },
});
