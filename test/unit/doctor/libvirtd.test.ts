import { expect, test } from 'vitest';
import { judgeDaemon } from '../../../src/doctor/libvirtd.ts';

const hook = { path: '/etc/libvirt/hooks/qemu', ours: true, executable: true, since: 10_000 };
const started = (since: number) => [{ name: 'libvirtd', pid: 7, since }];

test('libvirtd, unless a hook was called since it was put there', () => {
  expect(judgeDaemon(hook, started(5000), undefined).map(({ fix }) => fix)).toEqual([
    'systemctl reload libvirtd',
  ]);
  expect(judgeDaemon(hook, started(5000), 11_000)).toEqual([]);
  expect(judgeDaemon(hook, started(5000), 9000)).toHaveLength(1);
  expect(judgeDaemon(hook, started(12_000), undefined)).toEqual([]);
});

test('without a hook, another check says so; without a daemon, there is none to reload', () => {
  expect(judgeDaemon(undefined, started(5000), undefined)).toEqual([]);
  expect(judgeDaemon(hook, [], undefined)).toEqual([]);
});

test('the clocks of /proc and of file systems may differ by a second', () => {
  expect(judgeDaemon(hook, started(9001), undefined)).toEqual([]);
  expect(judgeDaemon(hook, started(8999), undefined)).toHaveLength(1);
});

test('each daemon is named with its process', () => {
  const both = [...started(1), { name: 'virtqemud', pid: 8, since: 2 }];
  expect(judgeDaemon(hook, both, undefined).map(({ subject }) => subject)).toEqual([
    'libvirtd (process 7)',
    'virtqemud (process 8)',
  ]);
});
