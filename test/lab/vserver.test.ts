import { describe, expect } from 'vitest';
import { client, client6, publicAddress, publicAddress6 } from '../support/lab.ts';
import { firstBackends } from '../support/lab-program.ts';
import { labTest } from '../support/lab-test.ts';

/*
 * Guests of Linux-VServer: the installed scriptlet, called as util-vserver calls it (`execScriptlets` in its vserver.functions: in the
 * folder of the event, with the event and the guest's name), with real devices and packets. The kernel of the test has no contexts.
 */

const labs = firstBackends.map((backend) => ({
  backend,
  ...labTest({ ipv6: true, forwarding: 'DROP', backend }),
}));

describe.each(labs)('with $backend', ({ test, lab }) => {
  test.beforeAll(() => {
    lab.host.sh('mkdir -p /etc/vservers');
    const { stdout } = lab.guestgate('install', '--vserver');
    for (const event of ['initialize', 'prepre-start', 'pre-start', 'post-start', 'pre-stop', 'post-stop'])
      expect(stdout).toContain(`/etc/vservers/.defaults/scripts/${event}.d/50-guestgate`);
    lab.serve('client', 'hello from outside');
  });
  const event = (name: string, flavor: string) =>
    lab.host.run(`/etc/vservers/.defaults/scripts/${flavor}.d/50-guestgate`, [flavor, name], {
      mayFail: true,
    });
  const define = (name: string, context: number, addresses: readonly string[], dev = '') => {
    const at = `/etc/vservers/${name}`;
    lab.host.sh(`rm -rf ${at}; mkdir -p ${at}/netns; touch ${at}/netns/shared; echo shop >${at}/netns/name
      echo ${context} >${at}/context`);
    for (const [index, address] of addresses.entries()) {
      const [ip, prefix] = address.split('/');
      lab.host.sh(`mkdir -p ${at}/interfaces/${index}; cd ${at}/interfaces/${index}; touch nodev
        echo ${ip} >ip; echo ${prefix} >prefix; ${dev === '' ? 'true' : `echo ${dev} >dev`}`);
    }
  };
  const start = (name: string) =>
    ['initialize', 'prepre-start', 'pre-start', 'post-start'].map((flavor) => event(name, flavor).status);
  const stop = (name: string) => ['pre-stop', 'post-stop'].map((flavor) => event(name, flavor).status);
  const links = () => lab.host.sh("ip -o link | sed 's/^[0-9]*: //; s/[:@].*//' | sort; ls /run/netns");
  const at = (port: number) =>
    lab.probe('client', [
      { address: publicAddress, port },
      { address: publicAddress6, port },
    ]);
  const answer = [`hello from shop, you are ${client}`, `hello from shop, you are ${client6}`];

  test('two guests share a namespace: each has its forwards and its routes, and the namespace goes with the last', () => {
    const before = links();
    define('web', 1001, ['10.20.0.2/24', 'fd00:20::2/64']);
    define('mail', 1002, ['10.20.0.3/24', 'fd00:20::3/64']);
    lab.configure('[guest.web]\nforward = ["8081:80"]\n[guest.mail]\nforward = ["8082:80"]\n');
    expect(start('web')).toEqual([0, 0, 0, 0]);
    expect(start('mail')).toEqual([0, 0, 0, 0]);
    lab.serve('shop', 'hello from shop');
    expect(at(8081)).toEqual(answer);
    expect(at(8082)).toEqual(answer);
    expect(lab.host.sh('ip -n shop link show vs1001-0')).toContain('02:00:00:03:e9:00');
    // Each answers by its own device.
    for (const source of ['10.20.0.2', '10.20.0.3'])
      expect(lab.host.sh(`ip -n shop route get ${client} from ${source}`)).toContain(
        source.endsWith('2') ? 'dev vs1001-0' : 'dev vs1002-0',
      );
    expect(lab.fetch('shop', client, 80, { source: '10.20.0.3' })).toBe(
      `hello from outside, you are ${publicAddress}`,
    );
    expect(lab.guestgate('check')).toMatchObject({ status: 0 });
    expect(lab.guestgate('replay').status).toBe(0);
    expect(at(8082)).toEqual(answer);
    // Reported twice, it counts once.
    const device = () => lab.host.sh('cat /sys/class/net/gv1001-0/ifindex');
    const first = device();
    expect(event('web', 'prepre-start').status).toBe(0);
    expect(device()).toBe(first);
    expect(lab.guestgate('netns', 'del', 'shop')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('shared by guests of Linux-VServer'),
    });
    expect(stop('web')).toEqual([0, 0]);
    expect(at(8081).join()).not.toContain('hello');
    expect(at(8082)).toEqual(answer);
    expect(lab.host.sh('ip -n shop rule')).not.toContain('10.20.0.2');
    expect(stop('mail')).toEqual([0, 0]);
    expect(links()).toBe(before);
    expect(stop('mail')).toEqual([0, 0]);
    expect(lab.guestgate('check')).toMatchObject({ status: 0 });
  });

  test('a macvlan of an uplink answers outside with the MAC address of its context', () => {
    const before = links();
    define('web', 1001, ['198.51.100.70/24'], 'eth0');
    lab.configure('');
    expect(start('web')).toEqual([0, 0, 0, 0]);
    lab.serve('shop', 'hello from shop');
    expect(lab.fetch('client', '198.51.100.70', 80)).toBe(answer[0]);
    expect(lab.host.sh('ip -n client neigh show 198.51.100.70')).toContain('02:00:00:03:e9:00');
    // Its files may be gone at its end.
    lab.host.sh('rm -r /etc/vservers/web');
    expect(stop('web')).toEqual([0, 0]);
    expect(links()).toBe(before);
  });

  test('a VLAN has a device of its own; a network that cannot be made ends the start, and leaves nothing', () => {
    const before = links();
    define('web', 1001, ['10.30.0.2/24'], 'eth0.30');
    const { status, stderr } = event('web', 'prepre-start');
    if (status === 0) {
      expect(lab.host.sh('ip -n shop -d link show vs1001-0')).toMatch(/02:00:1e:03:e9:00[\s\S]*id 30/);
      expect(stop('web')).toEqual([0, 0]);
    } else expect(stderr).toMatch(/making the interfaces of vserver.*(Unknown device type|not supported)/s);
    expect(links()).toBe(before);
    define('web', 1001, ['10.30.0.2/24'], 'none0');
    expect(event('web', 'prepre-start')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('no interface "none0"'),
    });
    expect(links()).toBe(before);
  });

  test('on_error = "deny" ends the start, and a namespace of the administrator stays', () => {
    lab.host.sh('ip netns add shop');
    define('web', 1001, ['10.20.0.2/24']);
    lab.configure(
      '[guest."local:other"]\nforward = ["8081:80"]\n[guest.web]\nforward = ["8081:80"]\non_error = "deny"\n',
    );
    lab.guestgate('guest', 'up', 'other', '--address', '10.9.9.9');
    const before = links();
    expect(event('web', 'prepre-start').status).toBe(1);
    expect(links()).toBe(before);
    lab.guestgate('guest', 'down', 'other');
    expect(start('web')).toEqual([0, 0, 0, 0]);
    expect(stop('web')).toEqual([0, 0]);
    expect(links()).toBe(before);
    lab.host.sh('ip netns del shop');
  });

  test('uninstall leaves the scripts of util-vserver as they were', () => {
    lab.guestgate('uninstall');
    expect(lab.host.sh('find /etc/vservers -name "*guestgate*"')).toBe('');
  });
});
