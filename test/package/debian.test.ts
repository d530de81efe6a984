import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { version } from '../../src/cli/version.ts';
import { buildPackages, only } from '../support/built-packages.ts';
import { debianRoot } from '../support/debian-root.ts';
import { PackageHost } from '../support/package-host.ts';
import { repositoryPath } from '../support/repository.ts';
import { until } from '../support/until.ts';

let packages: { readonly older: string; readonly newer: string };
beforeAll(() => {
  packages = {
    older: buildPackages('older', 'linux-x64', '--package-version', '0.0.9'),
    newer: buildPackages('newer', 'linux-x64'),
  };
});

test('two builds are the same, byte by byte, and the checksums are those of the files', () => {
  const sums = (folder: string) => readFileSync(`${folder}/SHA256SUMS`, 'utf8');
  expect(sums(buildPackages('again', 'linux-x64'))).toBe(sums(packages.newer));
  const files = sums(packages.newer).trim().split('\n');
  expect(files.length).toBe(3);
  execFileSync('sha256sum', ['-c', '--quiet', 'SHA256SUMS'], { cwd: packages.newer });
});

test('lintian and rpmlint find nothing but what is meant', () => {
  const lintian = ['--allow-root', '--fail-on', 'error,warning', only(packages.newer, '.deb')];
  expect(execFileSync('lintian', lintian, { encoding: 'utf8' })).toBe('');
  const rpmlint = ['--config', repositoryPath('pkg/rpm/rpmlint.toml'), only(packages.newer, '.rpm')];
  expect(execFileSync('rpmlint', rpmlint, { encoding: 'utf8' })).toContain(' 0 errors, 0 warnings');
});

/** The whole life of the package on a host, told in order: each test begins where the one before it ended. */
describe.each(['bookworm', 'trixie'] as const)('Debian %s', (suite) => {
  let host: PackageHost;
  const sh = (script: string) => host.host.sh(script);
  const isThere = (path: string) => host.host.run('test', ['-e', path], { mayFail: true }).status === 0;
  const units = ['guestgate-replay.service', 'guestgate-watch.service', 'guestgate-apply.path'];
  const systemctl = (question: string) =>
    units.map((unit) => host.host.run('systemctl', [question, unit], { mayFail: true }).stdout.trim());
  const installedVersion = () => sh('dpkg -s guestgate').match(/^Version: (.*)$/m)?.[1];
  let ruleset = '';
  /** Without counters, and what libvirt and Debian's packages are asked for. */
  const rules = () => sh("nft -s list ruleset | grep -v '^#'");

  beforeAll(async () => {
    host = await PackageHost.boot(debianRoot(suite));
    ruleset = rules();
  });
  afterAll(() => host?.destroy());

  test('from nothing to the first page it takes less than a minute, and asks nothing', () => {
    host.download(only(packages.older, '.deb'));
    const began = Date.now();
    const { stdout } = host.follow('install', 'Debian and Ubuntu');
    expect(stdout).toContain('Setting up guestgate (0.0.9-1)');
    host.startGuest();
    sh('guestgate publish web 8080:80');
    expect(host.page(8080)).toContain('hello from web');
    const seconds = (Date.now() - began) / 1000;
    console.log(`${suite}: ${seconds.toFixed(1)} s from nothing to the first page`);
    expect(seconds).toBeLessThan(60);
  });

  test('systemctl shows what runs: the services of the preset, and libvirt calls the hooks', () => {
    expect(systemctl('is-enabled')).toEqual(['enabled', 'enabled', 'disabled']);
    expect(systemctl('is-active')).toEqual(['active', 'active', 'inactive']);
    expect(sh('systemctl --failed --no-legend')).toBe('');
    for (const hook of ['qemu', 'lxc', 'libxl', 'network', 'daemon'])
      expect(sh(`readlink /etc/libvirt/hooks/${hook}`)).toBe('/usr/bin/guestgate\n');
    // libvirtd was reloaded: it calls the hook of a network that ends and starts.
    sh(
      'rm -f /run/guestgate/called; virsh net-update default add dns-host "<host ip=\'192.168.122.9\'><hostname>x</hostname></host>" --live',
    );
    expect(isThere('/run/guestgate/called')).toBe(true);
    expect(sh('guestgate check')).toContain('agree');
  });

  test('an upgrade while guests run: no connection fails', async () => {
    host.download(only(packages.newer, '.deb'));
    const watcher = sh('systemctl show --property MainPID guestgate-watch');
    const result = await host.whileConnecting(8080, () => host.follow('upgrade', 'Debian and Ubuntu'));
    console.log(`${suite}: upgrade: ${result.answered} connections answered, ${result.failed} failed`);
    expect(result).toEqual({ answered: expect.any(Number), failed: 0 });
    expect(installedVersion()).toBe(`${version}-1`);
    expect(sh('systemctl show --property MainPID guestgate-watch')).not.toBe(watcher);
    expect(systemctl('is-active')).toEqual(['active', 'active', 'inactive']);
    expect(sh('guestgate check')).toContain('agree');
  });

  test('a service that the administrator disabled stays so at the next upgrade', () => {
    sh(
      'systemctl --quiet disable --now guestgate-watch; apt-get install -y --reinstall /root/download/*.deb </dev/null',
    );
    expect(systemctl('is-enabled')).toEqual(['enabled', 'disabled', 'disabled']);
    expect(systemctl('is-active')[1]).toBe('inactive');
    sh('systemctl --quiet enable --now guestgate-watch');
  });

  test('a namespace that its unit makes, with a service in it, is there again when the unit starts, and gone after del', async () => {
    sh('guestgate netns add inner --address 10.200.1.2/24 --persist && guestgate publish inner 8081:80');
    host.host.write(
      '/etc/systemd/system/inner.service',
      `[Unit]
Requires=guestgate-netns-inner.service
After=guestgate-netns-inner.service
[Service]
Type=forking
NetworkNamespacePath=/run/netns/inner
ExecStart=/usr/bin/perl /root/answer.pl "hello from inner" 4
`,
    );
    sh('systemctl daemon-reload; systemctl start inner');
    expect(host.page(8081)).toContain('hello from inner');
    sh('systemctl stop guestgate-netns-inner');
    expect(isThere('/run/netns/inner')).toBe(false);
    expect(host.page(8081)).not.toContain('hello');
    // As at boot: the service wants the unit of its namespace.
    sh('systemctl start inner');
    expect(host.page(8081)).toContain('hello from inner');
    expect(sh('guestgate check')).toContain('agree');
    sh('systemctl stop inner; rm /etc/systemd/system/inner.service');
    sh('guestgate netns del inner; guestgate unpublish inner 8081; systemctl daemon-reload');
    expect(sh('ls /etc/systemd/system /run/netns')).not.toContain('inner');
    expect(sh('systemctl --failed --no-legend')).toBe('');
  });

  test('a change that is not confirmed is rolled back by a service of systemd', async () => {
    // Beside it is the text that was rolled back, as web.toml.rolled-back.
    const policies = () => sh('cat /etc/guestgate/guests.d/*.toml');
    const before = policies();
    sh('guestgate publish web 8082:80 --confirm 6s');
    expect(host.page(8082)).toContain('hello from web');
    expect(sh('systemctl list-units --no-legend "guestgate-roll-back-*"')).toContain('running');
    await until('it is rolled back', () => policies() === before);
    await until('its forward is gone', () => !host.page(8082).includes('hello'));
    expect(host.page(8080)).toContain('hello from web');
    expect(sh('guestgate check')).toContain('agree');
    await until('its service is gone', () => !sh('systemctl list-units --all').includes('roll-back'));
  });

  test('back to an earlier version, from records that it does not know: no connection fails', async () => {
    host.download(only(packages.older, '.deb'));
    sh(`sed -i 's/"format":[0-9]*/"format":99/' /run/guestgate/guests/*.json /run/guestgate/*.json`);
    const result = await host.whileConnecting(8080, () =>
      host.follow('upgrade', 'Back to an earlier version'),
    );
    console.log(`${suite}: downgrade: ${result.answered} connections answered, ${result.failed} failed`);
    expect(result).toEqual({ answered: expect.any(Number), failed: 0 });
    expect(installedVersion()).toBe('0.0.9-1');
    expect(isThere('/run/guestgate/unreadable')).toBe(true);
    expect(sh('guestgate check')).toContain('agree');
  });

  test('remove takes rules, hooks and units away, and keeps the configuration', () => {
    sh("echo '# mine' >>/etc/guestgate/guestgate.toml");
    host.follow('uninstall', 'Debian and Ubuntu');
    expect(rules()).toBe(ruleset);
    expect(host.page(8080)).not.toContain('hello');
    expect(sh('ls /etc/libvirt/hooks')).toBe('');
    expect(['/usr/bin/guestgate', '/run/guestgate', '/var/lib/guestgate'].filter(isThere)).toEqual([]);
    expect(sh('cat /etc/guestgate/guestgate.toml')).toContain('# mine');
    expect(sh('cat /etc/guestgate/guests.d/*')).toContain('8080:80');
    expect(sh('systemctl --failed --no-legend; pgrep -x guestgate || true')).toBe('');
  });

  test('installed again, the guest that runs has its forward without an event', () => {
    host.follow('install', 'Debian and Ubuntu');
    expect(host.page(8080)).toContain('hello from web');
    expect(systemctl('is-active')).toEqual(['active', 'active', 'inactive']);
  });

  test('purge leaves nothing', () => {
    sh('apt-get purge -y guestgate </dev/null');
    expect(rules()).toBe(ruleset);
    expect(
      sh(
        "find / -xdev -name '*guestgate*' -not -path '/root/*' -not -path '/proc/*' -not -path '/var/log/*'",
      ),
    ).toBe('');
    expect(sh('systemctl list-unit-files --no-legend "guestgate*" || true')).toBe('');
  });

  test("another program's hook stays the hook, and ours goes beside it", () => {
    host.host.write('/etc/libvirt/hooks/qemu', '#!/bin/sh\necho "$@" >>/root/theirs\n');
    sh('chmod +x /etc/libvirt/hooks/qemu');
    host.follow('install', 'Debian and Ubuntu');
    expect(sh('cat /etc/libvirt/hooks/qemu')).toContain('/root/theirs');
    expect(sh('readlink /etc/libvirt/hooks/qemu.d/50-guestgate')).toBe('/usr/bin/guestgate\n');
    sh('apt-get purge -y guestgate </dev/null');
    expect(sh('find /etc/libvirt/hooks -mindepth 1')).toBe('/etc/libvirt/hooks/qemu\n');
    sh('rm /etc/libvirt/hooks/qemu');
  });

  test('the archive with install.sh does the same without a package manager', () => {
    host.download(only(packages.newer, '.tar.gz'));
    host.follow('install', 'Any other Linux');
    expect(systemctl('is-active')).toEqual(['active', 'active', 'inactive']);
    host.host.write('/etc/guestgate/guests.d/web.toml', '[guest.web]\nforward = ["8080:80"]\n');
    sh('guestgate apply');
    expect(host.page(8080)).toContain('hello from web');
    // A package takes over what the archive installed.
    host.download(only(packages.newer, '.deb'));
    host.follow('upgrade', 'Debian and Ubuntu');
    expect(host.page(8080)).toContain('hello from web');
    sh('apt-get purge -y guestgate </dev/null');
    expect(
      sh(
        "find / -xdev -name '*guestgate*' -not -path '/root/*' -not -path '/proc/*' -not -path '/var/log/*'",
      ),
    ).toBe('');
    host.download(only(packages.newer, '.tar.gz'));
    host.follow('install', 'Any other Linux');
    host.follow('uninstall', 'What `guestgate install` installed');
    expect(rules()).toBe(ruleset);
    expect(systemctl('is-active')[1]).not.toBe('active');
  });
});
