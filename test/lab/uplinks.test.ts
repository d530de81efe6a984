import { describe, expect } from 'vitest';
import { secondBackends } from '../support/lab-program.ts';
import { labTest } from '../support/lab-test.ts';
import { LateUplink, lateAddress as late } from '../support/late-uplink.ts';
import { someOf } from '../support/thoroughness.ts';

/*
 * An uplink that comes after the guest has started, goes, or changes, as with PPPoE and WireGuard: no watcher runs here, and the
 * next event of any guest or network adapts the rules.
 */

const labs = secondBackends.map((backend) => ({
  backend,
  ...labTest({ guests: ['web', 'other'], silent: ['other'], backend }),
}));

describe.each(labs)('$backend:', ({ test, lab, web, other }) => {
  const uplink = new LateUplink(lab);
  test.beforeAll(() => uplink.prepare());
  test.beforeEach(() => {
    for (const guest of [web, other]) lab.end(guest);
    uplink.goes();
    lab.host.sh('rm -f /run/guestgate/uplinks.json');
    lab.configure(
      `[guest.web]\naddress = "${web.address}"\npublic_address = "${late}"\n[guest.other]\naddress = "${other.address}"\nforward = ["81:80"]\n`,
    );
  });

  const events: readonly (readonly [
    string,
    () => { readonly status: number | null; readonly stdout: string },
  ])[] = [
    ['another guest starts', () => lab.hook(other, 'started')],
    ['a network starts', () => lab.networkHook('started')],
    ['libvirtd reloads', () => lab.daemonHook('reload')],
  ];
  test.each(someOf(events, 2))('the uplink comes after the guest, and %s', (_, event) => {
    lab.hook(web, 'started');
    uplink.comes();
    expect(uplink.seen(), 'before any event').not.toBe(late);
    expect(event()).toMatchObject({ status: 0, stdout: '' });
    expect(uplink.seen()).toBe(late);
    expect(lab.fetch('provider', late, 80)).toContain('hello from guest1');
    expect(lab.guestgate('check').status).toBe(0);
  });

  test('the uplink goes and comes back: no other uplink sends its packets meanwhile, and no event is needed', () => {
    uplink.comes();
    lab.hook(web, 'started');
    expect(uplink.seen()).toBe(late);
    uplink.goes();
    lab.hook(other, 'started');
    expect(uplink.leaves()).toEqual([`ppp0 as ${late}`]);
    uplink.comes();
    expect(uplink.seen()).toBe(late);
  });

  test('a forward at an address that comes later is open when the address is there', () => {
    lab.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["${late}:8080:80"]\n`);
    lab.hook(web, 'started');
    uplink.comes();
    expect(lab.fetch('provider', late, 8080)).toContain('hello from guest1');
    expect(lab.guestgate('check').status).toBe(0);
  });

  test('the address of a network comes after the network, and a guest of it starts', () => {
    lab.configure(
      `[network.default]\nsnat = "${late}"\n[guest.other]\naddress = "${other.address}"\nforward = ["81:80"]\n`,
    );
    expect(lab.networkHook('started').status).toBe(0);
    uplink.comes();
    lab.daemonHook('start');
    expect(uplink.seen()).toBe(late);
    expect(lab.guestgate('check').status).toBe(0);
    lab.configure('');
    lab.guestgate('apply');
  });

  test('an address that a router sends to the host follows the default route', () => {
    const routed = '192.0.2.9';
    lab.configure(
      `[guest.web]\naddress = "${web.address}"\nsnat = "${routed}"\n[guest.other]\naddress = "${other.address}"\nforward = ["81:80"]\n`,
    );
    lab.hook(web, 'started');
    expect(uplink.leaves()).toEqual([`eth0 as ${routed}`]);
    uplink.comes();
    uplink.ip('route replace default via 203.0.113.2');
    lab.hook(other, 'started');
    expect(uplink.seen()).toBe(routed);
    expect(uplink.leaves()).toEqual([`ppp0 as ${routed}`]);
    uplink.ip('route replace default via 198.51.100.2');
  });

  test('an interface of [host] that does not exist: check, doctor and the log name it; when it comes, forwards are open', () => {
    const configure = (names: string) =>
      lab.configure(
        `[host]\ninterface = ${names}\n[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]\n`,
      );
    const closed =
      '[host] interface: no interface has the name ppp0: forwards without an address are closed from outside (ip -br link)';
    configure('"ppp0"');
    const started = lab.hook(web, 'started');
    expect(started).toMatchObject({ status: 0, stdout: '', stderr: expect.stringContaining(closed) });
    expect(lab.guestgate('check')).toMatchObject({ status: 2, stdout: expect.stringContaining(closed) });
    expect(lab.guestgate('doctor').stdout.match(/no interface has the name ppp0/g)).toHaveLength(1);
    uplink.comes();
    expect(lab.fetch('provider', late, 8080)).toContain('hello from guest1');
    expect(lab.guestgate('check').status).toBe(0);
    configure('["ppp0", "eth9"]');
    lab.guestgate('apply');
    const { status, stdout } = lab.guestgate('check');
    expect([status, stdout]).toEqual([0, expect.stringContaining('through ppp0 only')]);
    expect(lab.guestgate('doctor').stdout.match(/no interface has the name eth9/g)).toHaveLength(1);
    configure('"ppp+"');
    expect(lab.guestgate('check').stdout).toContain('"ppp+" is a pattern, not a name');
    lab.configure('');
  });

  test('the address moves to another interface: failover', () => {
    uplink.comes();
    lab.hook(web, 'started');
    uplink.goes();
    uplink.comes('ppp1');
    expect(uplink.seen()).not.toBe(late);
    lab.hook(other, 'started');
    expect(uplink.seen()).toBe(late);
    expect(uplink.leaves()).toEqual([`ppp1 as ${late}`]);
  });
});
