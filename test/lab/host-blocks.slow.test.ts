import { describe, expect } from 'vitest';
import { libvirtRules } from '../support/foreign-rules.ts';
import { HostSoftware } from '../support/host-software.ts';
import { publicAddress } from '../support/lab.ts';
import { firstBackends } from '../support/lab-program.ts';
import { labTest } from '../support/lab-test.ts';
import { until } from '../support/until.ts';

/*
 * The real firewalld in panic mode, and a block in the chain that the real dockerd makes for the administrator. bans.slow.test.ts
 * has rules of their shape, and more of them.
 */

const labs = firstBackends.map((backend) => ({
  backend,
  variant: backend === 'iptables-legacy' ? 1 : 0,
  ...labTest({ guests: ['web'], backend }),
}));
const [banned, other] = ['198.51.100.2', '198.51.100.3'];

describe.each(labs)('$backend:', ({ variant, test, lab, web }) => {
  let software: HostSoftware;
  test.beforeAll(() => {
    software = new HostSoftware(lab);
    lab.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]\n`);
    libvirtRules[variant]?.load(lab);
    lab.hook(web, 'started');
  });

  const admitted = () => lab.admitted([banned, other], publicAddress, 8080);
  const events = () => {
    lab.hook(web, 'reconnect');
    lab.networkHook('started');
    lab.daemonHook('reload');
    lab.guestgate('replay');
  };

  test('panic mode of firewalld closes forwards until it ends, whatever guestgate does', async () => {
    await software.startFirewalld();
    events();
    expect(admitted()).toEqual([banned, other]);
    software.firewallCmd('--panic-on');
    expect(admitted()).toEqual([]);
    events();
    expect(admitted()).toEqual([]);
    expect(lab.guestgate('explain', `${publicAddress}:8080`).stdout).toMatch(/^Dropped in .*firewalld/m);
    expect(lab.guestgate('doctor').stdout).toMatch(/^All forwards blocked:\n- .*firewalld/);
    software.firewallCmd('--panic-off');
    events();
    expect(admitted()).toEqual([banned, other]);
    await software.stopFirewalld();
  });

  test("a block in dockerd's DOCKER-USER holds through guestgate's events and dockerd's restart", async () => {
    await software.startDockerd();
    events();
    expect(admitted()).toEqual([banned, other]);
    lab.host.sh(`iptables -I DOCKER-USER -s ${banned} -j DROP`);
    events();
    expect(admitted()).toEqual([other]);
    await software.stopDockerd();
    await software.startDockerd();
    events();
    expect(admitted()).toEqual([other]);
    expect(lab.guestgate('check').stdout).toContain('agree');
    lab.host.sh(`iptables -D DOCKER-USER -s ${banned} -j DROP`);
    await until('both are admitted', () => admitted().length === 2);
    await software.stopDockerd();
  });
});
