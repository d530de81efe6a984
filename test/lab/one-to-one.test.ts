import { describe, expect } from 'vitest';
import { libvirtRules } from '../support/foreign-rules.ts';
import { publicAddress, secondAddress, thirdAddress } from '../support/lab.ts';
import { labTest, ownLabTest } from '../support/lab-test.ts';
import { someOf } from '../support/thoroughness.ts';

/** A public address of a guest's own, both ways, though libvirt's MASQUERADE is loaded. */
const labs = libvirtRules.map((rules) => ({ ...rules, ...labTest({ guests: ['mail', 'web', 'plain'] }) }));
describe.each(someOf(labs, 1))("with libvirt's rules by $name", ({ load, test, lab, mail, web }) => {
  test.beforeAll(() => {
    lab.serve('client', 'hello from client');
    load(lab);
    lab.configure(`
[guest.mail]
address = "${mail.address}"
public_address = "${secondAddress}"
[guest.web]
address = "${web.address}"
snat = "${thirdAddress}"
forward = ["${secondAddress}:8080:80"]
`);
  });

  const outbound = (space: string) => [
    lab.fetch(space, '198.51.100.2', 80),
    lab.ask(space, '198.51.100.2', 53),
    lab.pings(space, '198.51.100.2'),
  ];
  const seenAs = (address: string) => [
    `hello from client, you are ${address}`,
    `hello from client, you are ${address}`,
    true,
  ];

  test("before the start the address is the host's, and the guest leaves with the host's", () => {
    expect(lab.fetch('client', secondAddress, 80)).toContain('refused');
    expect(lab.pings('client', secondAddress)).toBe(true);
    expect(outbound('guest1')).toEqual(seenAs(publicAddress));
  });

  test('every protocol reaches the guest, with the address that the client has', () => {
    lab.hook(mail, 'started');
    expect(lab.fetch('client', secondAddress, 80)).toBe('hello from guest1, you are 198.51.100.2');
    expect(lab.fetch('client', secondAddress, 22)).toBe('hello from guest1, you are 198.51.100.2');
    expect(lab.ask('client', secondAddress, 53)).toBe('hello from guest1, you are 198.51.100.2');
    const echoes = lab.countEchoes('guest1');
    expect(lab.pings('client', secondAddress)).toBe(true);
    expect(echoes()).toEqual(['198.51.100.2']);
  });

  test('the guest leaves with it, whatever the protocol', () => {
    const echoes = lab.countEchoes('client');
    expect(outbound('guest1')).toEqual(seenAs(secondAddress));
    expect(echoes()).toEqual([secondAddress]);
  });

  test('snat alone: the guest leaves with it, and nothing comes in', () => {
    lab.hook(web, 'started');
    expect(outbound('guest2')).toEqual(seenAs(thirdAddress));
    expect(lab.fetch('client', thirdAddress, 80)).toContain('refused');
  });

  test('a forward of another guest at that address comes first', () => {
    expect(lab.fetch('client', secondAddress, 8080)).toContain('hello from guest2');
    expect(lab.fetch('client', secondAddress, 80)).toContain('hello from guest1');
  });

  test('others leave as before, and the host answers at its own address', () => {
    expect(outbound('guest3')).toEqual(seenAs(publicAddress));
    expect(lab.fetch('client', publicAddress, 80)).toContain('refused');
  });

  test('two guests still see each other as they are', () => {
    expect(lab.fetch('guest1', web.address, 80)).toBe(`hello from guest2, you are ${mail.address}`);
  });

  test('allow_from: only those networks reach the address', () => {
    const policy = (source: string) =>
      `[guest.mail]\naddress = "${mail.address}"\npublic_address = "${secondAddress}"\nallow_from = ["${source}"]\n`;
    lab.configure(policy('198.51.100.3'));
    expect(lab.hook(mail, 'reconnect').stderr).toContain('1 restriction');
    expect(lab.fetch('client', secondAddress, 80)).not.toContain('hello');
    expect(lab.pings('client', secondAddress)).toBe(false);
    expect(lab.fetch('client', secondAddress, 80, { source: '198.51.100.3' })).toContain('hello from guest1');
    expect(outbound('guest1')).toEqual(seenAs(secondAddress));
  });

  test('after the stop guests leave as before, and no host service takes the address of a guest with allow_from', () => {
    lab.end(mail);
    lab.end(web);
    expect(lab.fetch('client', secondAddress, 80)).toBe('timed out');
    expect(outbound('guest1')).toEqual(seenAs(publicAddress));
    expect(outbound('guest2')).toEqual(seenAs(publicAddress));
  });
});

const { test: testDropped, mail } = ownLabTest({ guests: ['mail', 'plain'], forwarding: 'DROP' });

testDropped(
  'where all forwarding is dropped, a guest with an address of its own still leaves, and others do not',
  ({ lab }) => {
    lab.serve('client', 'hello from client');
    lab.configure(`[guest.mail]\naddress = "${mail.address}"\npublic_address = "${secondAddress}"\n`);
    lab.hook(mail, 'started');
    expect(lab.fetch('guest1', '198.51.100.2', 80)).toBe(`hello from client, you are ${secondAddress}`);
    expect(lab.fetch('guest2', '198.51.100.2', 80)).not.toContain('hello');
  },
);
