import { beforeEach, describe, expect } from 'vitest';
import { type LabGuest, publicAddress } from '../support/lab.ts';
import { labTest } from '../support/lab-test.ts';
import { someOf } from '../support/thoroughness.ts';

const { test, lab, web, other } = labTest({ guests: ['web', 'other', 'plain'] });
beforeEach(() => {
  lab.host.sh('nft flush ruleset; iptables -P FORWARD DROP; rm -rf /run/guestgate /run/libvirt/qemu');
  configure();
  for (const guest of [web, other]) lab.hook(guest, 'started');
});

function configure(port = '8080'): void {
  lab.configure(`[guest.web]
address = "${web.address}"
forward = ["${port}:80", "5353:53/udp"]
[guest.other]
address = "${other.address}"
forward = ["9090:80"]
`);
}

function reached() {
  const [webSays = '', dnsSays = '', otherSays = ''] = lab.probe('client', [
    { address: publicAddress, port: 8080 },
    { address: publicAddress, port: 5353, over: 'udp' },
    { address: publicAddress, port: 9090 },
  ]);
  return {
    web: webSays.includes('hello from guest1'),
    dns: dnsSays.includes('hello from guest1'),
    other: otherSays.includes('hello from guest2'),
  };
}
const all = { web: true, dns: true, other: true };
const none = { web: false, dns: false, other: false };
const flush = () => lab.host.sh('nft flush ruleset; iptables -P FORWARD DROP');

function expectAgreement(): void {
  expect(lab.guestgate('check').stdout).toBe('Configuration, running guests and kernel agree.\n');
}

test.each(
  someOf(
    [
      ['the ruleset is flushed', flush],
      ['our table is deleted', () => lab.host.sh('nft delete table ip guestgate')],
      ['our maps are emptied', () => lab.host.sh('nft flush map ip guestgate forward_any')],
      ['our chains are emptied', () => lab.host.sh('nft flush chain ip guestgate translate')],
      ['the records are lost', () => lab.host.sh('rm -rf /run/guestgate')],
      [
        'the host has booted, and the guests with it',
        () => {
          flush();
          lab.host.sh('rm -rf /run/guestgate');
        },
      ],
      [
        'a stranger is in our map',
        () => lab.host.sh(`nft 'add element ip guestgate forward_any { tcp . 7777 : 192.168.122.99 . 7 }'`),
      ],
    ] as const,
    2,
  ),
)('after %s, check tells and replay repairs', (_, damage) => {
  expect(reached()).toEqual(all);
  expectAgreement();
  const good = lab.ruleset();
  damage();
  expect(lab.guestgate('check')).toMatchObject({ status: 1 });
  expect(lab.guestgate('replay')).toMatchObject({ status: 0, stderr: '' });
  expect(reached()).toEqual(all);
  expectAgreement();
  expect(sorted(lab.ruleset())).toEqual(sorted(good));
});

/** Entries of a map come in the order of its hash, which a new one has another of. */
function sorted(ruleset: string): string[] {
  return ruleset
    .split('\n')
    .flatMap((line) => line.replace('elements = { ', '').split(/,\s*| \}/))
    .map((line) => line.trim())
    .sort();
}

test('replay leaves traffic that flows alone', () => {
  const before = lab.ruleset();
  expect(lab.guestgate('replay').status).toBe(0);
  expect(sorted(lab.ruleset())).toEqual(sorted(before));
});

describe('a flush is healed by the next event', () => {
  test.each(['started', 'reconnect'])('%s of any guest', (operation) => {
    flush();
    expect(reached()).toEqual(none);
    lab.hook(other, operation);
    expect(reached()).toEqual(all);
    expectAgreement();
  });

  test('stop of another guest, and the rest is open again', () => {
    flush();
    lab.end(other);
    lab.daemonHook('reload');
    expect(reached()).toEqual({ ...all, other: false });
    expectAgreement();
  });
});

describe('as a hook script', () => {
  test.each(someOf(['qemu', 'lxc', 'libxl', 'network', 'daemon'] as const, 2))('%s --replay', (hook) => {
    flush();
    expect(lab.host.run(`/etc/libvirt/hooks/${hook}`, ['--replay']).stderr).toBe('');
    expect(reached()).toEqual(all);
  });

  test('qemu --replay GUEST', () => {
    configure('8081');
    expect(lab.host.run('/etc/libvirt/hooks/qemu', ['--replay', 'web']).stderr).toBe('');
    expect(lab.fetch('client', publicAddress, 8081)).toContain('hello from guest1');
    expect(reached()).toEqual({ ...all, web: false });
    expectAgreement();
  });

  test('by UUID, and an unknown guest', () => {
    configure('8081');
    expect(lab.guestgate('replay', web.uuid)).toMatchObject({ status: 0 });
    expectAgreement();
    expect(lab.guestgate('replay', 'nobody')).toMatchObject({ status: 2, stdout: '' });
    expect(lab.guestgate('replay', 'nobody').stderr).toContain('no running guest "nobody"');
  });
});

describe('guests that are gone', () => {
  const vanish = (guest: LabGuest) => lab.host.sh(`rm /run/libvirt/qemu/${guest.name}.xml`);

  test.each(
    someOf(
      [
        ['replay', () => lab.guestgate('replay')],
        ['replay of that guest', () => lab.guestgate('replay', 'web')],
        ['a start of libvirtd', () => lab.daemonHook('start')],
      ] as const,
      2,
    ),
  )('are closed by %s', (_, event) => {
    vanish(web);
    expect(event()).toMatchObject({ status: 0 });
    expect(reached()).toEqual({ web: false, dns: false, other: true });
    expectAgreement();
  });

  test('are all closed when no guest is left', () => {
    for (const guest of [web, other]) vanish(guest);
    expect(lab.guestgate('replay')).toMatchObject({ status: 0, stdout: '' });
    expect(reached()).toEqual(none);
    expectAgreement();
  });
});

test('a changed configuration counts after replay, and not before', () => {
  configure('8081');
  expect(reached()).toEqual(all);
  expect(lab.guestgate('check').status).toBe(1);
  lab.guestgate('replay');
  expect(reached()).toEqual({ ...all, web: false });
  expect(lab.fetch('client', publicAddress, 8081)).toContain('hello from guest1');
});

test('a configuration that is broken leaves what is open as it is', () => {
  const before = lab.ruleset();
  lab.configure('[guest.web]\nforward = [');
  expect(lab.guestgate('check').status).toBe(2);
  expect(lab.guestgate('replay').status).not.toBe(0);
  expect(sorted(lab.ruleset())).toEqual(sorted(before));
  expect(reached()).toEqual(all);
});

test('on a host without guests, and without libvirt, there is nothing to do', () => {
  lab.host.sh(
    'nft flush ruleset; rm -rf /run/guestgate /run/libvirt.away; mv /run/libvirt /run/libvirt.away',
  );
  const before = lab.ruleset();
  for (const command of ['replay', 'check', 'status']) {
    expect(lab.guestgate(command)).toMatchObject({ status: 0, stderr: '' });
  }
  expect(lab.ruleset()).toBe(before);
  lab.host.sh('mv /run/libvirt.away /run/libvirt');
});
