import { describe, expect } from 'vitest';
import { libvirtRules } from '../support/foreign-rules.ts';
import { publicAddress } from '../support/lab.ts';
import { labTest } from '../support/lab-test.ts';
import { someOf } from '../support/thoroughness.ts';

/** Libvirt's own rules reject what comes from outside, wherever they stand: ours must be asked first. */
const labs = libvirtRules.map((rules) => ({ name: rules.name, rules, ...labTest({ guests: ['web'] }) }));
describe.each(someOf(labs, 1))("with libvirt's rules by $name", ({ rules, test, lab, web }) => {
  let before: string;
  test.beforeAll(() => {
    lab.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["8080:80", "5353:53/udp"]\n`);
    rules.load(lab);
    before = lab.ruleset();
  });

  const reachable = () => ({
    tcp: lab.fetch('client', publicAddress, 8080),
    udp: lab.ask('client', publicAddress, 5353),
  });
  const answered = {
    tcp: 'hello from guest1, you are 198.51.100.2',
    udp: 'hello from guest1, you are 198.51.100.2',
  };
  const expectHeadRuleFirst = () => {
    const [first, ...others] = rules.forward(lab);
    expect(first).toMatch(rules.headRule);
    expect(others.filter((rule) => rules.headRule.test(rule))).toEqual([]);
    expect(others.length).toBeGreaterThanOrEqual(3);
  };

  test('a guest that has not started is refused', () => {
    expect(reachable().tcp).toContain('refused');
    expect(reachable().udp).not.toContain('hello');
  });

  test('a started guest is reached, from the address that the client has', () => {
    expect(lab.hook(web, 'started')).toMatchObject({ status: 0, stdout: '' });
    expectHeadRuleFirst();
    expect(reachable()).toEqual(answered);
  });

  test('our place alone makes the difference: without it the same packets are rejected', () => {
    rules.reload(lab);
    expect(rules.forward(lab)[0]).not.toMatch(rules.headRule);
    expect(reachable().tcp).toContain('refused');
  });

  test.each(['reconnect of the guest', 'start of the network'])('%s puts our accept first again', (event) => {
    rules.reload(lab);
    const ran = event.startsWith('reconnect') ? lab.hook(web, 'reconnect') : lab.networkHook('started');
    expect(ran).toMatchObject({ status: 0, stdout: '' });
    expectHeadRuleFirst();
    expect(reachable()).toEqual(answered);
  });

  test('a guest goes out as before, with the address that libvirt gives it', () => {
    lab.serve('client', 'hello from client');
    expect(lab.fetch('guest1', '198.51.100.2', 80)).toBe('hello from client, you are 198.51.100.1');
  });

  test('what no forward admits stays rejected', () => {
    lab.host.sh(`ip route replace 192.168.122.0/24 via ${publicAddress}`, { in: 'client' });
    expect(lab.fetch('client', web.address, 80)).toContain('refused');
    expect(lab.fetch('client', publicAddress, 8081)).toContain('refused');
  });

  test('the rules can still be listed', () => {
    const [program, ...args] = rules.list;
    const listed = lab.host.run(program, args);
    expect(listed.stdout).toMatch(/guestgate/i);
    expect(listed.stderr + listed.stdout).not.toContain('incompatible');
  });

  test('after the last stop and uninstall the ruleset is what it was', () => {
    lab.end(web);
    expect(reachable().tcp).toContain('refused');
    expect(lab.guestgate('uninstall').status).toBe(0);
    expect(lab.ruleset()).toBe(before);
  });
});

/** Docker sets this policy, and every guest is cut off. */
const variants = ['iptables-nft', 'iptables-legacy'].map((iptables) => ({
  iptables,
  ...labTest({ guests: ['web'] }),
}));
describe.each(variants)('with a FORWARD policy of DROP by $iptables', ({ iptables, test, lab, web }) => {
  test.beforeAll(() => {
    lab.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]\n`);
  });

  test('a forward works, and after uninstall the ruleset is what it was', () => {
    lab.host.sh(`${iptables} -P FORWARD DROP`);
    const before = lab.ruleset();
    lab.hook(web, 'started');
    expect(lab.fetch('client', publicAddress, 8080)).toBe('hello from guest1, you are 198.51.100.2');
    lab.end(web);
    lab.guestgate('uninstall');
    expect(lab.ruleset()).toBe(before);
  });

  test('a policy that comes while the guest runs is answered at the next event', () => {
    lab.host.sh(`${iptables} -P FORWARD ACCEPT`);
    lab.hook(web, 'started');
    lab.host.sh(`${iptables} -F; ${iptables} -X; ${iptables} -P FORWARD DROP`);
    expect(lab.fetch('client', publicAddress, 8080)).not.toContain('hello');
    lab.daemonHook('reload');
    expect(lab.fetch('client', publicAddress, 8080)).toContain('hello');
  });
});
