import { beforeEach, describe, expect } from 'vitest';
import {
  client,
  client6,
  publicAddress,
  publicAddress6,
  secondAddress,
  secondAddress6,
} from '../support/lab.ts';
import { firstBackends } from '../support/lab-program.ts';
import { labTest } from '../support/lab-test.ts';

/*
 * Guests that neither libvirt nor Xen reports: `guestgate guest up` and `down` do, and everything else treats them alike. Nothing is
 * forwarded on this host but what guestgate admits.
 */

const labs = firstBackends.map((backend) => ({
  backend,
  ...labTest({ guests: ['web', 'other'], ipv6: true, forwarding: 'DROP', backend }),
}));

describe.each(labs)('with $backend', ({ test, lab, web, other }) => {
  beforeEach(() => {
    for (const { name } of [web, other]) lab.guestgate('guest', 'down', name);
    lab.configure(
      `[guest.web]\nforward = ["8080:80"]\n[guest."local:other"]\nforward = ["${secondAddress}:9090:80"]\n`,
    );
  });
  const addresses = ['--address', `${web.address},${web.address6}`];
  const up = (...more: readonly string[]) =>
    lab.guestgate('guest', 'up', 'web', ...addresses, '--interface', web.tap, ...more);
  const both = (port: number) =>
    lab.probe('client', [
      { address: publicAddress, port },
      { address: publicAddress6, port },
    ]);
  const open = [`hello from guest1, you are ${client}`, `hello from guest1, you are ${client6}`];
  const json = (...args: readonly string[]) => JSON.parse(lab.guestgate(...args, '--json').stdout);

  test('up opens its forwards in both families, down closes them, and twice is once', () => {
    const before = lab.ruleset();
    expect(both(8080).join()).toMatch(/refused.*refused/);
    expect(up()).toMatchObject({ status: 0, stdout: expect.stringContaining('guest "web": 2 forwards to') });
    expect(both(8080)).toEqual(open);
    const rules = lab.ruleset();
    expect(up().status).toBe(0);
    expect(lab.ruleset()).toBe(rules);
    expect(lab.guestgate('check')).toMatchObject({ status: 0 });
    expect(lab.guestgate('guest', 'down', 'web').stdout).toContain('removed: 2 forwards');
    expect(both(8080).join()).toMatch(/refused.*refused/);
    expect(lab.guestgate('guest', 'down', 'web')).toMatchObject({
      status: 0,
      stdout: 'guest "web": no rules to remove\n',
    });
    expect(lab.host.sh('ls /run/guestgate/local /run/guestgate/guests')).not.toContain('web');
    expect(before).not.toBe(rules);
  });

  test('a guest that cannot be confined is refused, or up with a problem: its on_error decides', () => {
    const confined = (more: string) =>
      lab.configure(`[guest.web]\nforward = ["8080:80"]\naccess = "inbound"\n${more}`);
    confined('');
    for (const options of [[], ['--interface', 'virbr0']]) {
      const { status, stderr } = lab.guestgate('guest', 'up', 'web', ...addresses, ...options);
      expect(stderr).toContain('what it sends is not checked');
      expect(stderr).toContain('--interface PORT');
      expect(status).not.toBe(0);
      expect(both(8080).join()).toMatch(/refused.*refused/);
    }
    confined('on_error = "start"\n');
    expect(lab.guestgate('guest', 'up', 'web', ...addresses).stderr).toContain(
      'what it sends is not checked',
    );
    expect(lab.guestgate('check').stdout).toContain('what it sends is not checked');
    confined('');
    expect(up('--mac', web.mac)).toMatchObject({ status: 0, stderr: '' });
    expect(both(8080)).toEqual(open);
    expect(lab.fetch('guest1', client, 80)).not.toContain('hello');
  });

  test('publish says of a guest that is not up what opens its forwards', () => {
    const { status, stdout } = lab.guestgate('publish', 'later', `${secondAddress}:8082:80`);
    expect(stdout).toContain(
      'is not up, and libvirt does not know it: its forwards open when "later" starts',
    );
    expect(status).toBe(0);
  });

  test('every command treats it like a guest of libvirt', () => {
    up();
    expect(json('status').guests).toMatchObject([
      { guest: { driver: 'local', name: 'web' }, state: 'running', lastEvent: { operation: 'up' } },
    ]);
    expect(json('guest', 'list').guests).toMatchObject([
      { name: 'web', kind: 'guest', state: 'running', addresses: [web.address, web.address6] },
    ]);
    expect(json('events').events.at(-1)).toMatchObject({ hook: 'local', object: 'web', operation: 'up' });
    expect(lab.guestgate('publish', 'web', '8081:80').stdout).toContain('runs with 4 forwards now');
    expect(both(8081)).toEqual(open);
    expect(lab.guestgate('unpublish', 'local:web', '8081').status).toBe(0);
    expect(both(8081).join()).toMatch(/refused.*refused/);
    expect(lab.guestgate('plan', 'web').stdout).toContain(web.address);
    expect(lab.guestgate('map').stdout).toContain('web');
    expect(lab.guestgate('metrics').stdout).toContain('guestgate_forwards{driver="local",guest="web"} 2');
    expect(lab.guestgate('explain', `${publicAddress}:8080`).stdout).toContain(web.address);
    const found = lab.guestgate('doctor').stdout;
    expect(found).not.toContain('local guest "web"');
    expect(found).toContain('guest "local:other": the configuration has a policy for it, and it is not up');
  });

  test('records that are lost, and rules that another program flushed, come back with a replay', () => {
    up();
    lab.host.sh(
      'rm -rf /run/guestgate/guests; nft flush ruleset; iptables -P FORWARD DROP; ip6tables -P FORWARD DROP',
    );
    expect(lab.guestgate('replay').stdout).toContain('local "web": ');
    expect(both(8080)).toEqual(open);
    expect(lab.guestgate('check').status).toBe(0);
  });

  test('it ends without a report when its process does: check says so, replay removes its rules', () => {
    const pid = lab.host.sh('sleep 600 >/dev/null 2>&1 & echo $!').trim();
    expect(up('--pid', pid).status).toBe(0);
    expect(lab.guestgate('check').status).toBe(0);
    lab.host.sh(
      `kill -KILL ${pid}; while [ -d /proc/${pid} ] && ! grep -q '^State:.Z' /proc/${pid}/status; do :; done`,
    );
    expect(lab.guestgate('check')).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('local guest "web": is not running but still has rules'),
    });
    expect(json('guest', 'list').guests).toMatchObject([{ state: 'ended' }]);
    expect(json('status').guests).toMatchObject([{ state: 'ended' }]);
    expect(lab.guestgate('replay').status).toBe(0);
    expect(both(8080).join()).toMatch(/refused.*refused/);
    expect(lab.guestgate('check').status).toBe(0);
  });

  test('a policy that cannot be applied is a failure, and with on_error = "deny" the guest is not up', () => {
    expect(lab.guestgate('guest', 'up', 'other', '--address', other.address).status).toBe(0);
    lab.configure(`[guest.web]\nforward = ["${secondAddress}:9090:80"]\n[guest."local:other"]
forward = ["${secondAddress}:9090:80"]\n`);
    expect(up()).toMatchObject({ status: 1, stderr: expect.stringContaining('other') });
    expect(json('guest', 'list').guests).toHaveLength(2);
    lab.configure(`[guest.web]\nforward = ["${secondAddress}:9090:80"]\non_error = "deny"\n[guest."local:other"]
forward = ["${secondAddress}:9090:80"]\n`);
    expect(up()).toMatchObject({ status: 1, stderr: expect.stringContaining('refused') });
    expect(json('guest', 'list').guests).toMatchObject([{ name: 'other' }]);
    expect(lab.fetch('client', secondAddress, 9090)).toContain('hello from guest2');
  });

  test('its own connections leave with the address of the host, and are admitted, if it is asked for', () => {
    lab.serve('client', 'hello from outside');
    const outside = () =>
      lab.probe('guest1', [
        { address: client, port: 80 },
        { address: client6, port: 80 },
      ]);
    up();
    expect(outside().join()).not.toContain('hello');
    expect(up('--nat').status).toBe(0);
    expect(outside()).toEqual([
      `hello from outside, you are ${publicAddress}`,
      expect.stringMatching(/^hello from outside, you are 2001:db8:1::1[01]?$/),
    ]);
    lab.configure(`[guest.web]\nsnat = ["${secondAddress}", "${secondAddress6}"]\n`);
    expect(lab.guestgate('apply').status).toBe(0);
    expect(outside()).toEqual([
      `hello from outside, you are ${secondAddress}`,
      `hello from outside, you are ${secondAddress6}`,
    ]);
    lab.guestgate('guest', 'down', 'web');
    expect(outside().join()).not.toContain('hello');
  });

  test('without an address it gets the one of its lease on the bridge', () => {
    const entry = {
      'ip-address': web.address,
      'mac-address': web.mac,
      'expiry-time': Math.floor(Date.now() / 1000) + 3600,
    };
    lab.host.write('/var/lib/libvirt/dnsmasq/virbr0.status', JSON.stringify([entry]));
    lab.guestgate('guest', 'up', 'web', '--interface', 'virbr0', '--mac', web.mac);
    const answer = lab.fetch('client', publicAddress, 8080);
    lab.host.sh('rm /var/lib/libvirt/dnsmasq/virbr0.status');
    expect(answer).toBe(open[0]);
  });

  test('a damaged file of one concerns no other, and check names it', () => {
    up();
    lab.guestgate('guest', 'up', 'other', '--address', other.address);
    lab.host.sh('echo "{" >/run/guestgate/local/local-web.json');
    expect(lab.guestgate('check').stdout).toContain('local-web.json cannot be read');
    expect(lab.guestgate('guest', 'list')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('local-web.json'),
    });
    expect(lab.guestgate('replay').status).toBe(0);
    expect(lab.fetch('client', secondAddress, 9090)).toContain('hello from guest2');
    expect(lab.guestgate('guest', 'down', 'web').status).toBe(0);
    expect(lab.guestgate('check').status).toBe(0);
  });

  test('names that mean something to a shell, a path or a parser are names', () => {
    for (const name of ['a "b" $(reboot); {}', '__proto__', '..', 'é'.repeat(200)]) {
      expect(lab.guestgate('guest', 'up', name, '--address', '192.168.122.99').status).toBe(0);
      expect(json('guest', 'list').guests.map((one: { name: string }) => one.name)).toContain(name);
      expect(lab.guestgate('check').status).toBe(0);
      expect(lab.guestgate('guest', 'down', name).status).toBe(0);
    }
    expect(lab.guestgate('guest', 'up', 'a/b', '--address', 'x', '--interface', 'none0')).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/slash.*invalid address "x".*no interface "none0"/),
    });
  });
});
