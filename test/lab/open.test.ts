import { describe, expect } from 'vitest';
import { libvirtRules, libvirtRules6 } from '../support/foreign-rules.ts';
import { client, client6, publicAddress, publicAddress6 } from '../support/lab.ts';
import { labTest, ownLabTest } from '../support/lab-test.ts';
import { someOf } from '../support/thoroughness.ts';

/*
 * Guests whose own addresses others can route to: the client's way to the guests' network leads through the host. libvirt
 * rejects new connections to them, in each of its ways, and in both families.
 */

const families = [
  { rules: libvirtRules, client, other: '198.51.100.3', public: publicAddress, of: 'address' as const },
  {
    rules: libvirtRules6,
    client: client6,
    other: '2001:db8:1::3',
    public: publicAddress6,
    of: 'address6' as const,
  },
];
const all = families.flatMap(({ rules, ...family }) =>
  rules.map((one) => ({ ...family, name: one.name, rules: one })),
);

const labs = all.map((family) => ({ ...family, ...labTest({ guests: ['web', 'plain'], ipv6: true }) }));
describe.each(someOf(labs, 1))("with libvirt's rules by $name", ({ test, lab, web, ...family }) => {
  const own = web[family.of];
  let before: string;
  test.beforeAll(() => {
    family.rules.load(lab);
    before = lab.ruleset();
  });

  const start = (policy: string) => {
    lab.configure(`[guest.web]\naddress = ["${web.address}", "${web.address6}"]\n${policy}\n`);
    return lab.hook(web, 'started').stderr;
  };
  const admitted = (port: number) => lab.admitted([family.client, family.other], own, port);

  test('open ports, and no others, are reached as they are, over TCP and UDP', () => {
    expect(admitted(80)).toEqual([]);
    expect(start('open = ["80", "20-30/tcp", "53/udp"]')).toContain(
      `6 open ports to ${web.address} and ${web.address6} (`,
    );
    expect(admitted(80)).toEqual([family.client, family.other]);
    expect(admitted(22)).toEqual([family.client, family.other]);
    expect(lab.ask('client', own, 53)).toBe(`hello from guest1, you are ${family.client}`);
    expect(admitted(443)).toEqual([]);
    expect(lab.fetch('client', family.public, 80)).toContain('refused');
    const open = lab.guestgate('status').stdout;
    expect(open).toMatch(/192\.168\.122\.41:80\/tcp open/);
    expect(open).toMatch(/\[fd00:122::41\]:20-30\/tcp open/);
    expect(lab.guestgate('check')).toMatchObject({ status: 0 });
  });

  test('who may is decided port by port; a forward to the same port is another matter', () => {
    start(`open = [{ port = "80", from = ["198.51.100.3", "2001:db8:1::3"] }, 443, { port = "20-30", from = [] }]
forward = ["8080:80"]`);
    expect(admitted(80)).toEqual([family.other]);
    expect(admitted(443)).toEqual([family.client, family.other]);
    expect(admitted(22)).toEqual([]);
    expect(lab.fetch('client', family.public, 8080)).toBe(`hello from guest1, you are ${family.client}`);
    expect(lab.fetch('guest2', own, 80)).toContain('hello from guest1');
    expect(lab.fetch('host', own, 22)).toContain('hello from guest1');
  });

  test('allow_from counts, and a list without networks of a family closes it', () => {
    start('open = [80]\nallow_from = ["198.51.100.3", "2001:db8:1::3"]');
    expect(admitted(80)).toEqual([family.other]);
    start(`open = [80]\nallow_from = ["${family.of === 'address' ? '::/0' : '0.0.0.0/0'}"]`);
    expect(admitted(80)).toEqual([]);
  });

  test('after the stop nothing is open, and after uninstall the ruleset is what it was', () => {
    start('open = [80]');
    expect(admitted(80)).toHaveLength(2);
    lab.end(web);
    expect(admitted(80)).toEqual([]);
    expect(lab.guestgate('uninstall').status).toBe(0);
    expect(lab.ruleset()).toBe(before);
  });
});

const { test: testAlone, web: alone } = ownLabTest({ guests: ['web', 'plain'] });

testAlone('a list closes what nobody else rejects, and leaves neighbours on the bridge alone', ({ lab }) => {
  lab.host.sh('echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables');
  lab.configure(
    `[guest.web]\naddress = "${alone.address}"\nopen = [{ port = 80, from = ["198.51.100.3"] }]\n`,
  );
  expect(lab.fetch('client', alone.address, 80)).toContain('hello');
  lab.hook(alone, 'start');
  expect(lab.fetch('client', alone.address, 80)).not.toContain('hello');
  lab.hook(alone, 'started');
  expect(lab.fetch('client', alone.address, 80)).not.toContain('hello');
  expect(lab.fetch('client', alone.address, 80, { source: '198.51.100.3' })).toContain('hello');
  expect(lab.fetch('guest2', alone.address, 80)).toContain('hello from guest1');
});
