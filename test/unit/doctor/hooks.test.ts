import { expect, test } from 'vitest';
import { judgeHook } from '../../../src/doctor/hooks.ts';

const file = (more: object) => ({
  path: '/etc/libvirt/hooks/qemu',
  ours: true,
  executable: true,
  since: 0,
  ...more,
});
const own = file({ path: '/etc/libvirt/hooks/qemu.d/50-guestgate' });

test('a hook of ours that can be run is enough, beside one of another program', () => {
  expect(judgeHook('qemu', [file({ ours: false }), own])).toEqual([]);
});

test('without any, and with one of another program', () => {
  expect(judgeHook('qemu', [])).toMatchObject([
    { severity: 'everything', subject: 'hook qemu', fix: 'guestgate install' },
  ]);
  expect(judgeHook('lxc', [file({ ours: false, path: '/etc/libvirt/hooks/lxc' })])[0]?.problem).toContain(
    'the only hook is /etc/libvirt/hooks/lxc, of another program',
  );
});

test('libvirt ignores a hook that it cannot run', () => {
  expect(judgeHook('qemu', [{ ...own, executable: false }])).toMatchObject([
    { subject: own.path, fix: 'chmod 755 /usr/bin/guestgate' },
  ]);
});

test('the first hook of ours is the one that is judged', () => {
  expect(judgeHook('qemu', [{ ...own, executable: false }, own])).toHaveLength(1);
});
