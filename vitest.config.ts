import { defineConfig } from 'vitest/config';

/** A limit of time ends only what hangs: a busy machine takes many times as long as an idle one. */
const patience = { testTimeout: 300_000, hookTimeout: 300_000 };

/**
 * Files share the process they run in: starting Node and loading the same modules for each takes longer than most of them.
 * No module has a state of its own (test/unit/module-state.test.ts), and what a test makes is of its own lab.
 */
const shared = { isolate: false };

/** Labs make namespaces and send packets, and often wait: more files at a time than there are cores. */
const lab = { ...patience, ...shared, maxWorkers: 3 };

/** Guests boot without hardware help: one host at a time. */
const libvirt = { ...lab, fileParallelism: false, testTimeout: 600_000, hookTimeout: 600_000 };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/cases/**/*.test.ts'],
          exclude: ['**/*.files.test.ts'],
          ...patience,
          ...shared,
        },
      },
      // Their processes have their folders elsewhere (test/unit/own-folders.ts), and run no other tests.
      { test: { name: 'unit-files', include: ['test/unit/**/*.files.test.ts'], ...patience, ...shared } },
      { test: { name: 'lab', include: ['test/lab/**/*.test.ts'], ...lab } },
      { test: { name: 'contract', include: ['test/contract/**/*.test.ts'], ...lab } },
      { test: { name: 'libvirt', include: ['test/libvirt/**/*.test.ts'], ...libvirt } },
      { test: { name: 'libvirt-nft', include: ['test/libvirt-nft/**/*.test.ts'], ...libvirt } },
      // Slow, and run by name: npm run test:package
      {
        test: { name: 'package', include: ['test/package/**/*.test.ts'], ...libvirt, hookTimeout: 1_800_000 },
      },
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
