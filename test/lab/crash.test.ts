import { describe, expect } from 'vitest';
import { forEachStep, runKilledAt, type Step } from '../support/crash.ts';
import { type LabGuest, publicAddress } from '../support/lab.ts';
import { labTest } from '../support/lab-test.ts';
import { networkHookXml } from '../support/lab-xml.ts';

/*
 * Invariant 6: killed between any two steps, the next event or `replay` makes kernel and records agree. The
 * program is killed at every step in turn (in `npm test`, at some), and a guest that has nothing to do with it stays reachable.
 */

const { test, lab, web, other } = labTest({ guests: ['web', 'other'], forwarding: 'DROP' });

const qemu = '/etc/libvirt/hooks/qemu';

function configure(ports: string): void {
  const forward = (guest: LabGuest, list: string) =>
    `[guest.${guest.name}]\naddress = "${guest.address}"\nforward = [${list}]\n`;
  lab.configure(forward(web, ports) + forward(other, '"9090:80"'));
}

/** Nothing of ours in the kernel, no records; then `other` runs, and `web` where it is said. */
function begin(running: readonly LabGuest[]): void {
  lab.host.sh('nft delete table ip guestgate 2>/dev/null || true; rm -rf /run/guestgate /run/libvirt/qemu');
  configure('"8080:80", "5353:53/udp"');
  for (const guest of running) expect(lab.hook(guest, 'started').status).toBe(0);
}

function kill(step: Step, guest: LabGuest, operation: string) {
  const suffix = operation === 'stopped' ? 'end' : 'begin';
  if (operation === 'started') lab.host.write(`/run/libvirt/qemu/${guest.name}.xml`, lab.status(guest));
  return runKilledAt(step, lab, qemu, [guest.name, operation, suffix, '-'], lab.xml(guest, operation));
}

function expectAgreement(step: Step): void {
  expect({ step, check: lab.guestgate('check').stdout }).toEqual({
    step,
    check: 'Configuration, running guests and kernel agree.\n',
  });
}

function isOpen(port: number): boolean {
  return lab.host.run('nft', ['list', 'ruleset']).stdout.includes(`tcp . ${port}`);
}

const release = () => {
  lab.host.sh(`rm -f /run/libvirt/qemu/${web.name}.xml`);
  lab.hook(web, 'release');
};

test('killed in the first start on a host, the stop that libvirt sends then leaves nothing of it', () => {
  const count = forEachStep((step) => {
    begin([]);
    const ran = kill(step, web, 'started');
    lab.hook(web, 'stopped');
    release();
    expectAgreement(step);
    expect(isOpen(8080)).toBe(false);
    return ran;
  }, 1);
  expect(count).toBeGreaterThanOrEqual(5);
});

test('killed in a start while another guest runs, replay opens it', () => {
  const count = forEachStep((step) => {
    begin([other]);
    const ran = kill(step, web, 'started');
    expect(lab.guestgate('replay').status).toBe(0);
    expectAgreement(step);
    expect(isOpen(8080)).toBe(true);
    return ran;
  }, 2);
  expect(count).toBeGreaterThanOrEqual(5);
  expect(lab.fetch('client', publicAddress, 8080)).toContain('hello from guest1');
});

test('killed in a reconnect after the policy was changed, another reconnect gives the new policy', () => {
  forEachStep((step) => {
    begin([web, other]);
    configure('"8081:80"');
    const ran = kill(step, web, 'reconnect');
    lab.hook(web, 'reconnect');
    expectAgreement(step);
    return ran;
  }, 3);
  expect(lab.fetch('client', publicAddress, 8081)).toContain('hello from guest1');
  expect(lab.fetch('client', publicAddress, 8080)).toContain('refused');
  expect(lab.fetch('client', publicAddress, 9090)).toContain('hello from guest2');
});

describe('killed in a stop', () => {
  test.each(['release', 'replay'])('%s closes it', (repair) => {
    forEachStep((step) => {
      begin([web, other]);
      const ran = kill(step, web, 'stopped');
      if (repair === 'release') release();
      else {
        lab.host.sh(`rm /run/libvirt/qemu/${web.name}.xml`);
        lab.guestgate('replay');
      }
      expectAgreement(step);
      expect(isOpen(8080)).toBe(false);
      return ran;
    }, 1);
    expect(lab.fetch('client', publicAddress, 9090)).toContain('hello from guest2');
  });
});

test('killed while nft continues alone, replay makes records and kernel agree', () => {
  begin([other]);
  killedByNft(() => expect(lab.hook(web, 'started').status).not.toBe(0));
  expect(lab.guestgate('replay').status).toBe(0);
  expectAgreement({ call: 'vfork', number: 2 });
  expect(isOpen(8080)).toBe(true);
});

/** An nft that first ends the program which called it, maybe through a shell. */
function killedByNft(action: () => void): void {
  const caller =
    'while [ "$(cat /proc/$caller/comm)" = sh ]; do caller=$(cut -d" " -f4 /proc/$caller/stat); done';
  const script = `#!/bin/sh\ncaller=$PPID\n${caller}\nkill -9 $caller\nexec /usr/sbin/nft "$@"\n`;
  lab.host.write('/usr/local/sbin/nft', script);
  lab.host.sh('chmod +x /usr/local/sbin/nft');
  try {
    action();
  } finally {
    lab.host.sh('rm /usr/local/sbin/nft');
  }
}

test('killed in a replay, another one ends it', () => {
  forEachStep((step) => {
    begin([web, other]);
    lab.host.sh('nft flush ruleset; iptables -P FORWARD DROP');
    configure('"8081:80"');
    const ran = runKilledAt(step, lab, '/usr/bin/guestgate', ['replay']);
    lab.guestgate('replay');
    expectAgreement(step);
    return ran;
  }, 2);
  expect(lab.fetch('client', publicAddress, 8081)).toContain('hello from guest1');
});

test('killed when a network has changed, the next start on it ends it', () => {
  const moved = networkHookXml().replaceAll('192.168.122.1', '192.168.122.2');
  forEachStep((step) => {
    begin([other]);
    lab.host.write('/run/libvirt/network/default.xml', moved);
    const args = ['default', 'updated', 'begin', '-'];
    const ran = runKilledAt(step, lab, '/etc/libvirt/hooks/network', args, moved);
    lab.networkHook('updated', moved);
    lab.hook(web, 'started');
    expectAgreement(step);
    return ran;
  }, 3);
});

test('killed while it does what another waits for, the next event ends it', () => {
  begin([]);
  lab.host.sh('mkdir -p /run/guestgate');
  const held = lab.host.start('flock', ['/run/guestgate/lock', 'sleep', '1000']);
  lab.host.sh(
    'for i in $(seq 2000); do flock -n /run/guestgate/lock true || exit 0; sleep 0.1; done; exit 1',
  );
  // Nobody does it meanwhile.
  const retry = lab.host.start('flock', ['/run/guestgate/retry', 'sleep', '1000']);
  lab.host.sh(
    'for i in $(seq 2000); do flock -n /run/guestgate/retry true || exit 0; sleep 0.1; done; exit 1',
  );
  expect(lab.hook(other, 'started').stderr).toContain('others hold');
  lab.host.sh('fuser -k /run/guestgate/lock >/dev/null 2>&1; cp -r /run/guestgate/requests /tmp/requests');
  held.kill();
  retry.kill();
  const count = forEachStep((step) => {
    begin([]);
    lab.host.sh('mkdir /run/guestgate; cp -r /tmp/requests /run/guestgate/');
    lab.host.write(`/run/libvirt/qemu/${other.name}.xml`, lab.status(other));
    const ran = kill(step, web, 'started');
    lab.hook(web, 'stopped');
    release();
    lab.networkHook('updated');
    expectAgreement(step);
    expect({ step, open: isOpen(9090), waiting: lab.host.sh('ls /run/guestgate/requests') }).toEqual({
      step,
      open: true,
      waiting: '',
    });
    return ran;
  }, 1);
  expect(count).toBeGreaterThanOrEqual(8);
});
