import { expect } from 'vitest';
import { domainXml, populate } from '../bench/population.ts';
import { labTest } from '../support/lab-test.ts';

const guests = 60;
const { test, lab } = labTest();
test.beforeAll(() => {
  populate(lab, guests);
  lab.host.sh('mkdir /tmp/xml');
  for (let number = 0; number < guests; number++) lab.host.write(`/tmp/xml/g${number}`, domainXml(number));
});

/** Calls the hook for all guests at once, as libvirt does when a host boots; something else may run among them. */
function allAtOnce(operation: string, among = ''): string {
  const call = `/etc/libvirt/hooks/qemu \${f##*/} ${operation} begin - <$f 2>>/tmp/log || echo failed`;
  return lab.host.sh(`: >/tmp/log; for f in /tmp/xml/*; do (${call}) & done; ${among} wait`, {
    timeout: 100_000,
  });
}

function forwardsInKernel(): number {
  return Number(lab.host.sh("nft list map ip guestgate forward | grep -o 'tcp \\. [0-9]* ' | wc -l"));
}

test('60 guests start together, a replay among them: every forward is there, and no hook gave up', () => {
  expect(allAtOnce('started', 'guestgate replay >/dev/null &')).toBe('');
  expect(lab.host.sh('grep -E "error|warn" /tmp/log || true')).toBe('');
  expect(forwardsInKernel()).toBe(guests * 10);
  expect(lab.guestgate('check').stdout).toBe('Configuration, running guests and kernel agree.\n');
});

test('60 guests stop together: no rule of theirs is left', () => {
  lab.host.sh('rm /run/libvirt/qemu/*');
  expect(allAtOnce('stopped', 'guestgate replay >/dev/null &')).toBe('');
  expect(lab.host.sh('grep -E "error|warn" /tmp/log || true')).toBe('');
  expect(forwardsInKernel()).toBe(0);
  expect(lab.host.sh('ls /run/guestgate/guests /run/guestgate/claims')).not.toMatch(/g\d|tcp/);
});

test('a hook that is killed while it holds the lock delays no other', () => {
  populate(lab, 1);
  lab.host.sh(
    'ln -sf /bin/true /usr/local/sbin/unused; cat >/usr/local/sbin/nft <<"X"\n#!/bin/sh\nsleep 30\nX\nchmod +x /usr/local/sbin/nft',
  );
  const held = lab.host.start('/etc/libvirt/hooks/qemu', ['g0', 'started', 'begin', '-']);
  held.stdin?.end(domainXml(0));
  lab.host.sh('for i in $(seq 2000); do pgrep -f "^sleep 30" >/dev/null && exit 0; sleep 0.05; done; exit 1');
  lab.host.sh('rm /usr/local/sbin/nft; pkill -9 -f "^/etc/libvirt/hooks/qemu g0"');
  const next = lab.host.run('/etc/libvirt/hooks/qemu', ['g0', 'started', 'begin', '-'], {
    input: domainXml(0),
  });
  expect(next.stderr).toMatch(/10 forwards/);
  expect(forwardsInKernel()).toBe(10);
});
