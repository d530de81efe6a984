import { expect } from 'vitest';
import { publicAddress } from '../support/lab.ts';
import { labTest } from '../support/lab-test.ts';
import { until } from '../support/until.ts';

/* Every rule is in place, and packets do not arrive: the host changed between two events. */

const { test, lab, web } = labTest({ guests: ['web'] });
test.beforeAll(() => {
  lab.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]\n`);
  lab.hook(web, 'started');
});

test('check does not agree, and names the bridge, the port, the route or the setting', async () => {
  const [tap, bridge, way] = [web.tap, 'virbr0', '192.168.122.1/24'];
  const faults = [
    [`ip link set ${bridge} down`, `ip link set ${bridge} up`, `bridge ${bridge}: it is down`],
    [
      `ip link set ${tap} nomaster`,
      `ip link set ${tap} master ${bridge}`,
      `its interface ${tap} is not a port`,
    ],
    [`ip link set ${tap} down`, `ip link set ${tap} up`, `its interface ${tap} is down`],
    [`ip addr del ${way} dev ${bridge}`, `ip addr add ${way} dev ${bridge}`, 'sends packets there by eth0'],
    [`ip route add blackhole ${web.address}`, `ip route del blackhole ${web.address}`, 'has no route there'],
    [
      'sysctl -qw net.ipv4.conf.eth0.forwarding=0',
      'sysctl -qw net.ipv4.conf.eth0.forwarding=1',
      'conf.eth0.forwarding: it is 0',
    ],
  ] as const;
  for (const [breaks, mends, named] of faults) {
    lab.host.sh(breaks);
    expect(lab.fetch('client', publicAddress, 8080), breaks).toBe('timed out');
    const { status, stdout } = lab.guestgate('check');
    expect([status, stdout]).toEqual([1, expect.stringContaining(named)]);
    expect(stdout).toMatch(/guestgate doctor/);
    lab.host.sh(mends);
    lab.guestgate('replay');
    await until(mends, () => lab.fetch('client', publicAddress, 8080).includes('hello'));
    expect(lab.guestgate('check').status).toBe(0);
  }
});
