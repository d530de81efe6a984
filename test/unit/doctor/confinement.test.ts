import { expect, test } from 'vitest';
import { judgeConfinement } from '../../../src/doctor/confinement.ts';

const free = { profiles: '', enforcing: undefined, unconfined: undefined, program: '/opt/guestgate' };
const subjects = (more: Partial<typeof free> | { enforcing?: string; unconfined?: string }) =>
  judgeConfinement({ ...free, ...more }).map(({ subject }) => subject);

test('a host without either confines nothing', () => {
  expect(judgeConfinement(free)).toEqual([]);
});

test('AppArmor: an enforced profile of libvirtd allows the standard program folders alone', () => {
  expect(subjects({ profiles: 'libvirtd (complain)\n' })).toEqual([]);
  expect(subjects({ profiles: '/usr/sbin/libvirtd (enforce)\n' })).toEqual(['AppArmor']);
  expect(subjects({ profiles: 'snap.libvirtd (enforce)\nvirtqemud (enforce)\n' })).toEqual(['AppArmor']);
  expect(subjects({ profiles: 'libvirtd//qemu_bridge_helper (enforce)\n' })).toEqual([]);
  for (const program of ['/usr/bin/guestgate', '/bin/x', '/usr/sbin/x', '/etc/libvirt/hooks/qemu.real'])
    expect(subjects({ profiles: 'libvirtd (enforce)\n', program }), program).toEqual([]);
  expect(subjects({ profiles: 'libvirtd (enforce)\n', program: '/usr/local/bin/x' })).toEqual(['AppArmor']);
});

test('AppArmor: without a hook of guestgate there is no program to allow', () => {
  expect(judgeConfinement({ ...free, profiles: 'libvirtd (enforce)\n', program: undefined })).toEqual([]);
});

test('AppArmor: the command that moves the program quotes a hostile path', () => {
  const program = "/opt/a b';reboot;'";
  const [finding] = judgeConfinement({ ...free, profiles: 'libvirtd (enforce)\n', program });
  expect(finding?.fix).toMatch(
    /^cp --remove-destination '\/opt\/a b'\\'';reboot;'\\''' \/usr\/bin\/guestgate$/,
  );
});

test('SELinux: only an enforcing one, whose boolean is off now', () => {
  expect(subjects({ enforcing: '1\n', unconfined: '0 0\n' })).toEqual(['SELinux']);
  expect(subjects({ enforcing: '1', unconfined: '0 1' })).toEqual(['SELinux']);
  expect(subjects({ enforcing: '1', unconfined: '1 1' })).toEqual([]);
  expect(subjects({ enforcing: '0', unconfined: '0 0' })).toEqual([]);
  expect(subjects({ enforcing: '1' }), 'a policy without that boolean').toEqual([]);
});
