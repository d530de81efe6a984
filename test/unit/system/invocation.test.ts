import { expect, test } from 'vitest';
import { readInvocation } from '../../../src/system/invocation.ts';

const start = ['web', 'started', 'begin', '-'];
const xen = { XENBUS_PATH: 'backend/vif/3/0' };

test.each([
  ['the hook by its name', '/etc/libvirt/hooks/qemu', start, {}, { kind: 'hook', hook: 'qemu', args: start }],
  [
    'a link in its folder',
    '/etc/libvirt/hooks/lxc.d/50-guestgate',
    start,
    {},
    { kind: 'hook', hook: 'lxc', args: start },
  ],
  [
    'a folder without .d is no hook folder',
    '/opt/qemu/guestgate',
    start,
    {},
    { kind: 'command', args: start },
  ],
  [
    '--replay by hand',
    '/etc/libvirt/hooks/qemu',
    ['--replay', 'web'],
    {},
    { kind: 'command', args: ['replay', 'web'] },
  ],
  [
    'a guest named --replay',
    '/etc/libvirt/hooks/qemu',
    ['--replay', 'stopped', 'end', '-'],
    {},
    { kind: 'hook', hook: 'qemu', args: ['--replay', 'stopped', 'end', '-'] },
  ],
  ['a vif script', '/usr/sbin/guestgate', ['vif', 'online'], xen, { kind: 'vif', args: ['online'] }],
  ['vif by hand', '/usr/sbin/guestgate', ['vif', 'online'], {}, { kind: 'command', args: ['vif', 'online'] }],
  ['a command', '/usr/sbin/guestgate', ['status'], xen, { kind: 'command', args: ['status'] }],
] as const)('%s', (_, program, args, environment, invocation) => {
  expect(readInvocation(program, args, environment)).toEqual(invocation);
});
