import { describe, expect } from 'vitest';
import { type Lab, publicAddress } from '../support/lab.ts';
import { ownLabTest } from '../support/lab-test.ts';
import type { Ran } from '../support/ran.ts';
import { repositoryPath } from '../support/repository.ts';

const { test } = ownLabTest({ install: false });
test.beforeEach(({ lab }) => {
  lab.host.run('sh', ['-ec', 'cp "$1" /tmp/guestgate', 'sh', repositoryPath('dist/guestgate')]);
});

/** Runs the program from where it was unpacked. */
const unpacked = (lab: Lab, ...args: string[]): Ran =>
  lab.host.run('/tmp/guestgate', args, { mayFail: true });
const hooks = ['qemu', 'lxc', 'libxl', 'network', 'daemon'];

/** Every file, folder and link that an installation could touch, with mode, owner and content. */
function files(lab: Lab): string[] {
  const listing = lab.host.sh(`
    find /etc /usr/bin /usr/sbin /var/lib -xdev \\( -path /var/lib/dpkg -o -path /var/lib/docker -o -path /var/lib/apt \\) -prune \\
      -o -printf '%y %m %U %G %p %l\\n'
    ls -d /usr/share/*
    find /tmp/.sandbox/usr/share/up /tmp/.sandbox/usr/lib/systemd/up ! -type d -exec sha256sum {} +
    find /etc /usr/bin/guestgate /var/lib/guestgate /var/lib/libvirt -xdev -type f -exec sha256sum {} + 2>/dev/null || true
  `);
  return listing.split('\n').sort();
}

test('makes the program, a link for each hook and a sample configuration, and says so', ({ lab }) => {
  const ran = unpacked(lab, 'install');
  expect(ran).toMatchObject({ status: 0, stderr: '' });
  for (const hook of hooks) {
    expect(lab.host.sh(`readlink /etc/libvirt/hooks/${hook}`).trim()).toBe('/usr/bin/guestgate');
    expect(ran.stdout).toContain(`installed hook /etc/libvirt/hooks/${hook}`);
  }
  expect(lab.host.sh('stat -c "%a %u" /usr/bin/guestgate /etc/guestgate/guestgate.toml /etc/guestgate')).toBe(
    '755 0\n644 0\n755 0\n',
  );
  expect(lab.host.sh('cmp /usr/bin/guestgate /tmp/guestgate')).toBe('');
  const sample = lab.host.read('/etc/guestgate/guestgate.toml');
  expect(sample.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([]);
  expect(lab.guestgate('check')).toMatchObject({ status: 0 });
});

test('the sample configuration is right when its comment signs are taken away', ({ lab }) => {
  unpacked(lab, 'install');
  // A network that runs would lack what the file says, and check would tell.
  lab.host.sh("sed -i 's/^#//; /^ /d; s/network.default/network.later/' /etc/guestgate/guestgate.toml");
  expect(lab.guestgate('apply')).toMatchObject({ status: 0, stderr: '' });
  expect(lab.guestgate('check')).toMatchObject({ status: 0, stderr: '' });
});

test('writes nothing where others could replace what root runs', ({ lab }) => {
  const before = files(lab);
  for (const [script, undo, what] of [
    [
      'mkdir -p /srv/h; chmod 777 /srv/h; mv /etc/libvirt/hooks /etc/h; ln -s /srv/h /etc/libvirt/hooks',
      'rm /etc/libvirt/hooks; mv /etc/h /etc/libvirt/hooks',
      'in /etc/libvirt/hooks: it can be written by all users (chmod go-w /etc/libvirt/hooks)',
    ],
    [
      'mkdir /etc/guestgate; chmod 775 /etc/guestgate',
      'rmdir /etc/guestgate',
      'in /etc/guestgate: it can be written by group 0',
    ],
    [
      'install -d -m 755 -o nobody /var/lib/guestgate',
      'rmdir /var/lib/guestgate',
      'in /var/lib/guestgate: it belongs to user',
    ],
    [
      'chmod 777 /etc/sysctl.d',
      'chmod 755 /etc/sysctl.d',
      'in /etc/sysctl.d: it can be written by all users',
    ],
  ] as const) {
    lab.host.sh(script);
    expect(unpacked(lab, 'install')).toMatchObject({ status: 2, stderr: expect.stringContaining(what) });
    lab.host.sh(undo);
    expect(files(lab)).toEqual(before);
  }
});

test('nothing is written through a link, or into a file that has another name, too', ({ lab }) => {
  lab.host.sh(`
    echo root >/etc/victim; chmod 600 /etc/victim; mkdir -p /etc/guestgate /var/lib/guestgate /etc/sysctl.d
    for link in /etc/libvirt/hooks/qemu /etc/libvirt/hooks/lxc /etc/guestgate/guestgate.toml /etc/sysctl.d/60-guestgate.conf
    do ln -s /etc/victim $link; done
    ln -s /etc/new-victim /var/lib/guestgate/installed.json
    echo root >/usr/bin/other-victim; ln /usr/bin/other-victim /usr/bin/guestgate.new
  `);
  expect(unpacked(lab, 'install', '--ip-forward').status).toBe(0);
  expect(unpacked(lab, 'uninstall').status).toBe(0);
  expect(lab.host.sh('stat -c %a /etc/victim; cat /etc/victim /usr/bin/other-victim')).toBe(
    '600\nroot\nroot\n',
  );
  expect(lab.host.sh('ls /etc')).not.toContain('new-victim');
});

test('uninstall does not believe a list of files that others could write', ({ lab }) => {
  unpacked(lab, 'install');
  const planted = '{"made":[{"kind":"program","path":"/etc/libvirt"}]}';
  lab.host.sh(`chmod 777 /var/lib/guestgate; echo '${planted}' >/var/lib/guestgate/installed.json`);
  const ran = lab.guestgate('uninstall');
  expect(ran).toMatchObject({ status: 2, stdout: '' });
  expect(ran.stderr).toContain('/var/lib/guestgate can be written by all users');
  lab.host.sh('ls /etc/libvirt/hooks/qemu');
});

test('units, manuals and completions are beside it, and the units of the preset are enabled', ({ lab }) => {
  unpacked(lab, 'install');
  const enabled = (unit: string) =>
    lab.host.run('systemctl', ['is-enabled', `guestgate-${unit}`], { mayFail: true }).stdout.trim();
  expect(['replay.service', 'watch.service', 'apply.path'].map(enabled)).toEqual([
    'enabled',
    'enabled',
    'disabled',
  ]);
  expect(lab.host.sh('ls /usr/share/man/man[58]/guestgate*')).toBe(
    '/usr/share/man/man5/guestgate.toml.5\n/usr/share/man/man8/guestgate.8\n',
  );
  expect(lab.host.read('/usr/share/bash-completion/completions/guestgate')).toContain(
    'complete -F _guestgate',
  );
  // An administrator's choice stays at an upgrade.
  lab.host.sh(
    'systemctl --quiet disable guestgate-watch; cp /tmp/guestgate /tmp/newer; printf newer >>/tmp/newer',
  );
  lab.host.sh('echo "# older" >>/usr/share/man/man8/guestgate.8');
  expect(lab.host.run('/tmp/newer', ['install']).status).toBe(0);
  expect(enabled('watch.service')).toBe('disabled');
  expect(lab.host.read('/usr/share/man/man8/guestgate.8')).not.toContain('# older');
});

test('--dry-run says all that an installation would do, and does nothing of it', ({ lab }) => {
  const before = files(lab);
  const would = unpacked(lab, 'install', '--dry-run');
  expect(files(lab)).toEqual(before);
  const did = unpacked(lab, 'install').stdout;
  const lines = (text: string) => text.split('\n').filter((line) => !line.includes('as the preset says'));
  expect(lines(would.stdout.replaceAll('would install', 'installed'))).toEqual(
    lines(did).filter((line) => !line.startsWith('note: a running libvirtd')),
  );
});

describe('--prefix', () => {
  test('makes the same in a system that is mounted elsewhere, and nothing in this one', ({ lab }) => {
    lab.host.sh('mkdir -p /tmp/image/etc /tmp/image/usr/bin; touch /tmp/image/etc/debian_version');
    const before = files(lab);
    expect(unpacked(lab, 'install', '--prefix', '/tmp/image')).toMatchObject({ status: 0, stderr: '' });
    expect(files(lab)).toEqual(before);
    const made = lab.host
      .sh("cd /tmp/image; find . -type f -o -type l | grep -v '/multi-user.target' | sort")
      .split('\n');
    unpacked(lab, 'install');
    for (const path of made.slice(0, -1)) lab.host.sh(`test -e ${path.slice(1)} || test -L ${path.slice(1)}`);
    expect(made.length).toBeGreaterThan(18);
    expect(lab.host.sh('readlink /tmp/image/etc/libvirt/hooks/qemu')).toBe('/usr/bin/guestgate\n');
    expect(lab.host.sh('ls /tmp/image/etc/systemd/system/multi-user.target.wants')).toBe(
      'guestgate-replay.service\nguestgate-watch.service\n',
    );
    expect(unpacked(lab, 'install', '--prefix', '/tmp/image').stdout).toBe(
      'installed program /usr/bin/guestgate\n',
    );
  });

  test('a link in it that leads out of it is refused', ({ lab }) => {
    lab.host.sh('mkdir -p /tmp/image/usr /tmp/elsewhere; ln -s /tmp/elsewhere /tmp/image/usr/bin');
    const ran = unpacked(lab, 'install', '--prefix', '/tmp/image');
    expect(ran).toMatchObject({ status: 2, stderr: expect.stringContaining('leads to /tmp/elsewhere') });
    expect(lab.host.sh('ls /tmp/elsewhere')).toBe('');
  });
});

test('a package that replaces an installation takes over its files, and uninstall leaves them', ({ lab }) => {
  unpacked(lab, 'install');
  // As dpkg does.
  lab.host.sh('gzip -k /usr/share/man/man5/guestgate.toml.5');
  expect(lab.guestgate('install', '--packaged')).toMatchObject({ status: 0, stderr: '' });
  expect(lab.guestgate('uninstall').status).toBe(0);
  lab.host.sh(
    'test -x /usr/bin/guestgate; test -e /usr/share/man/man8/guestgate.8; test ! -e /usr/share/man/man5/guestgate.toml.5; test ! -L /etc/libvirt/hooks/qemu',
  );
});

test('again changes nothing', ({ lab }) => {
  unpacked(lab, 'install');
  const before = files(lab);
  expect(lab.guestgate('install').stdout).toContain('everything was installed already');
  expect(unpacked(lab, 'install').stdout).not.toMatch(/hook|configuration|folder/);
  expect(files(lab)).toEqual(before);
});

test('the installed hooks work, and uninstall leaves files and ruleset as they were', ({ lab }) => {
  const web = lab.addGuest('web');
  lab.host.sh('iptables -P FORWARD DROP');
  lab.host.write('/var/lib/libvirt/dnsmasq/default.hostsfile', `${web.mac},${web.address}\n`);
  const [before, ruleset] = [files(lab), lab.ruleset()];
  unpacked(lab, 'install');
  const metadata = `<gg:guest xmlns:gg="urn:guestgate:1"><gg:portForward proto="tcp"><gg:range start="8080" to="80"/></gg:portForward></gg:guest>`;
  expect(lab.hook(web, 'started', { metadata })).toMatchObject({ status: 0, stdout: '' });
  expect(lab.fetch('client', publicAddress, 8080)).toContain('hello from guest1');
  expect(lab.guestgate('uninstall')).toMatchObject({ status: 0, stderr: '' });
  expect(lab.fetch('client', publicAddress, 8080)).not.toContain('hello');
  expect(files(lab)).toEqual(before);
  expect(lab.ruleset()).toBe(ruleset);
  lab.host.sh('test ! -e /run/guestgate');
});

describe("where another program's hook is", () => {
  const foreign = '#!/bin/sh\necho "$@" >>/tmp/foreign\n';
  test.beforeEach(({ lab }) => {
    lab.host.write('/etc/libvirt/hooks/qemu', foreign);
    lab.host.sh('chmod 755 /etc/libvirt/hooks/qemu');
  });

  test('it stays, and ours goes into its folder, works there, and goes again', ({ lab }) => {
    const web = lab.addGuest('web');
    const before = files(lab);
    expect(unpacked(lab, 'install').stdout).toContain(
      '/etc/libvirt/hooks/qemu belongs to another program and stays',
    );
    expect(lab.host.read('/etc/libvirt/hooks/qemu')).toBe(foreign);
    lab.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]\n`);
    lab.host.write('/run/libvirt/qemu/web.xml', lab.status(web));
    const ours = '/etc/libvirt/hooks/qemu.d/50-guestgate';
    const ran = lab.host.run(ours, ['web', 'started', 'begin', '-'], { input: lab.xml(web, 'started') });
    expect(ran.stdout).toBe('');
    expect(lab.fetch('client', publicAddress, 8080)).toContain('hello from guest1');
    expect(lab.host.run(ours, ['--replay']).status).toBe(0);
    lab.host.run(ours, ['web', 'stopped', 'end', '-'], { input: lab.xml(web, 'stopped') });
    expect(lab.fetch('client', publicAddress, 8080)).toContain('refused');
    lab.host.sh('rm /etc/guestgate/guestgate.toml');
    expect(lab.guestgate('uninstall').status).toBe(0);
    expect(files(lab)).toEqual(before);
  });

  test('and its folder has hooks too, they stay', ({ lab }) => {
    lab.host.write('/etc/libvirt/hooks/qemu.d/10-theirs', foreign);
    const before = files(lab);
    unpacked(lab, 'install');
    lab.host.sh('test -L /etc/libvirt/hooks/qemu.d/50-guestgate');
    lab.guestgate('uninstall');
    expect(files(lab)).toEqual(before);
  });
});

describe('a configuration that was written by hand', () => {
  const own = '[guest.web]\nforward = ["80"]\n';

  test('is kept by install', ({ lab }) => {
    lab.configure(own);
    unpacked(lab, 'install');
    expect(lab.host.read('/etc/guestgate/guestgate.toml')).toBe(own);
  });

  test('is kept by uninstall, which says so, and removed by uninstall --purge', ({ lab }) => {
    unpacked(lab, 'install');
    lab.configure(own);
    expect(lab.guestgate('uninstall').stdout).toContain('kept /etc/guestgate/guestgate.toml');
    expect(lab.host.read('/etc/guestgate/guestgate.toml')).toBe(own);
    lab.host.sh('test ! -e /usr/bin/guestgate');
    expect(unpacked(lab, 'install').status).toBe(0);
    expect(lab.host.read('/etc/guestgate/guestgate.toml')).toBe(own);
    lab.guestgate('uninstall', '--purge');
  });
});

describe('--ip-forward', () => {
  const setting = (lab: Lab) => lab.host.read('/proc/sys/net/ipv4/ip_forward').trim();

  test('turns forwarding on, now and at boot, and uninstall forgets the latter', ({ lab }) => {
    const before = files(lab);
    lab.host.sh('echo 0 >/proc/sys/net/ipv4/ip_forward');
    expect(unpacked(lab, 'install').stdout).toContain('net.ipv4.ip_forward is 0');
    expect(setting(lab)).toBe('0');
    expect(unpacked(lab, 'install', '--ip-forward').status).toBe(0);
    expect(setting(lab)).toBe('1');
    expect(lab.host.read('/etc/sysctl.d/60-guestgate.conf')).toMatch(/^net\.ipv4\.ip_forward = 1$/m);
    lab.guestgate('uninstall');
    expect(files(lab)).toEqual(before);
  });
});

test('a program of that name that came from elsewhere is not written over', ({ lab }) => {
  lab.host.write('/usr/bin/guestgate', '#!/bin/sh\n');
  const before = files(lab);
  const ran = unpacked(lab, 'install');
  expect(ran).toMatchObject({ status: 2, stdout: '' });
  expect(ran.stderr).toContain('/usr/bin/guestgate: there is one already that came from elsewhere');
  expect(files(lab)).toEqual(before);
});

test('a newer program replaces the older one, also while hooks run', ({ lab }) => {
  unpacked(lab, 'install');
  lab.host.sh('cp /tmp/guestgate /tmp/newer; printf newer >>/tmp/newer');
  const holder = lab.host.start('/etc/libvirt/hooks/qemu', ['web', 'started', 'begin', '-']);
  expect(lab.host.run('/tmp/newer', ['install']).status).toBe(0);
  lab.host.sh('cmp /tmp/newer /usr/bin/guestgate');
  holder.kill();
});

test('uninstall where nothing is installed does nothing', ({ lab }) => {
  const before = files(lab);
  expect(unpacked(lab, 'uninstall').status).toBe(0);
  expect(files(lab)).toEqual(before);
});
