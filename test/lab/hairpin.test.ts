import { describe, expect } from 'vitest';
import { type Lab, type LabGuest, publicAddress } from '../support/lab.ts';
import { labTest, ownLabTest } from '../support/lab-test.ts';
import { until } from '../support/until.ts';

/*
 * While bridged frames pass iptables, a guest reaches itself by the host's address only if its bridge port is in hairpin
 * mode. Other programs switch that off, and interfaces come while guestgate's own processes run.
 */

const mode = (lab: Lab, guest: LabGuest) =>
  lab.host.sh(`cat /sys/class/net/${guest.tap}/brport/hairpin_mode`).trim();

const switched = labTest({ guests: ['web', 'other'] });
describe('another program switches hairpin mode off', () => {
  const { test, lab, web, other } = switched;
  test.beforeAll(() => {
    lab.host.sh('echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables');
    lab.configure(
      `[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]\n[guest.other]\naddress = "${other.address}"\nforward = ["8081:80"]\n`,
    );
    for (const guest of [web, other]) lab.hook(guest, 'started');
  });

  const reachesItself = () => lab.fetch('guest1', publicAddress, 8080).includes('hello from guest1');
  const switchOff = () => {
    lab.host.sh(`bridge link set dev ${web.tap} hairpin off`);
    expect(reachesItself()).toBe(false);
  };
  const difference = 'kernel: hairpin mode of bridge port vnet1 is off (guestgate replay)\n';

  test('check names the port, and replay puts it back', () => {
    expect(reachesItself()).toBe(true);
    expect(lab.guestgate('check').status).toBe(0);
    switchOff();
    expect(lab.guestgate('check')).toMatchObject({ status: 1, stdout: expect.stringContaining(difference) });
    expect(lab.guestgate('replay').status).toBe(0);
    expect(reachesItself()).toBe(true);
    expect(lab.guestgate('check').status).toBe(0);
  });

  test("the guest's next event puts it back", () => {
    switchOff();
    expect(lab.hook(web, 'reconnect').status).toBe(0);
    expect(reachesItself()).toBe(true);
  });

  test("another guest's event that makes all rules again puts it back", () => {
    switchOff();
    lab.host.sh('nft flush ruleset');
    expect(lab.hook(other, 'reconnect').status).toBe(0);
    expect(reachesItself()).toBe(true);
  });

  test('bridged frames that pass iptables only after the start need it too', () => {
    lab.host.sh('echo 0 >/proc/sys/net/bridge/bridge-nf-call-iptables');
    lab.end(web);
    lab.hook(web, 'started');
    expect(mode(lab, web)).toBe('0');
    expect(lab.guestgate('check').status).toBe(0);
    lab.host.sh('echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables');
    expect(lab.guestgate('check').stdout).toContain(difference);
    lab.guestgate('replay');
    expect(reachesItself()).toBe(true);
    lab.end(web);
    expect(mode(lab, web)).toBe('0');
  });
});

const { test: testFollower, web } = ownLabTest({ guests: ['web'] });

testFollower(
  'a follower of leases opens a guest in hairpin mode whose interface came after its start',
  async ({ lab }) => {
    lab.host.sh('echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables; mkdir -p /var/lib/libvirt/dnsmasq');
    lab.configure('[guest.web]\nforward = ["8080:80"]\n[guest.late]\nforward = ["8081:80"]\n');
    const lease = (...guests: readonly LabGuest[]) =>
      lab.host.write(
        '/var/lib/libvirt/dnsmasq/virbr0.status',
        JSON.stringify(
          guests.map(({ address, mac }) => ({
            'ip-address': address,
            'mac-address': mac,
            'expiry-time': Math.floor(Date.now() / 1000) + 3600,
          })),
        ),
      );
    lab.hook(web, 'started');
    lease(web);
    await until('the follower opened the first guest', () => lab.ruleset().includes('. 8080 '));
    const follower = lab.host.sh('cat /run/guestgate/follower');
    const late = lab.addGuest('late');
    lab.hook(late, 'started');
    expect(lab.ruleset()).not.toContain('. 8081 ');
    lease(web, late);
    await until('the follower opened the second guest', () => lab.ruleset().includes('. 8081 '));
    await until('the port is in hairpin mode', () => mode(lab, late) === '1', 3);
    expect(lab.host.sh('cat /run/guestgate/follower')).toBe(follower);
    expect(lab.fetch('guest2', publicAddress, 8081)).toContain('hello from guest2');
  },
);
