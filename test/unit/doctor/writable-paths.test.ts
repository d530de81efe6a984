import { expect, test } from 'vitest';
import { judgeAccess } from '../../../src/doctor/writable-paths.ts';

const access = (at: string) => ({
  at,
  problem: 'can be written by all users',
  command: `chmod go-w ${at}`,
});

test('what others can write is a warning with the command that ends it', () => {
  expect(judgeAccess([])).toEqual([]);
  expect(judgeAccess([['/usr/bin/guestgate', access('/usr/bin/guestgate')]])).toEqual([
    {
      severity: 'later',
      subject: '/usr/bin/guestgate',
      problem: 'others than root can change what root runs or reads here: it can be written by all users',
      fix: 'chmod go-w /usr/bin/guestgate',
    },
  ]);
});

test('a folder on the way to several paths is one finding, at the first of them', () => {
  const found = judgeAccess([
    ['/etc/libvirt/hooks', access('/srv/hooks')],
    ['/etc/libvirt/hooks/qemu', access('/srv/hooks')],
    ['/etc/xen/scripts', access('/etc/xen/scripts')],
  ]);
  expect(found.map(({ subject }) => subject)).toEqual(['/etc/libvirt/hooks', '/etc/xen/scripts']);
  expect(found[0]?.problem).toContain('/srv/hooks, on the way to it, can be written');
});
