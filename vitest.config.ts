import { defineConfig } from 'vitest/config';

/** Labs make namespaces and send packets: two files at a time, and patience for two slow cores. */
const lab = { testTimeout: 60_000, hookTimeout: 60_000, maxWorkers: 2 };

/** Guests boot without hardware help: one host at a time. */
const libvirt = { ...lab, fileParallelism: false, testTimeout: 240_000, hookTimeout: 240_000 };

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts', 'test/cases/**/*.test.ts'] } },
      { test: { name: 'lab', include: ['test/lab/**/*.test.ts'], ...lab } },
      { test: { name: 'libvirt', include: ['test/libvirt/**/*.test.ts'], ...libvirt } },
      { test: { name: 'libvirt-nft', include: ['test/libvirt-nft/**/*.test.ts'], ...libvirt } },
    ],
  },
});
