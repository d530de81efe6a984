import { describe, expect } from 'vitest';
import { publicAddress, secondAddress } from '../support/lab.ts';
import { secondBackends } from '../support/lab-program.ts';
import { labTest } from '../support/lab-test.ts';

/*
 * `old` and `new` want one port, and both run: an administrator replaces one guest by another. What `old` gives up, `new`
 * gets with the same event.
 */

const labs = secondBackends.map((backend) => ({ backend, ...labTest({ guests: ['old', 'new'], backend }) }));

describe.each(labs)('$backend:', ({ test, lab, old, new: fresh }) => {
  function configure(ofOld: string, ofNew: string): void {
    lab.configure(
      `[guest.old]\naddress = "${old.address}"\n${ofOld}\n[guest.new]\naddress = "${fresh.address}"\n${ofNew}\n`,
    );
  }
  const fetch = (port: number, address = publicAddress) => lab.fetch('client', address, port);

  test.beforeEach(() => {
    for (const guest of [old, fresh]) lab.end(guest);
    configure('forward = ["8080:80"]', 'forward = ["8080:80", "8081:80"]');
    expect(lab.hook(old, 'started').status).toBe(0);
    expect(lab.hook(fresh, 'started').stderr).toContain('port 8080/tcp is taken by qemu guest "old"');
    expect([fetch(8080), fetch(8081)]).toEqual([
      expect.stringContaining('hello from guest1'),
      expect.stringContaining('hello from guest2'),
    ]);
    expect(lab.guestgate('status').stdout).toContain('is taken by');
  });

  function expectNewHasIt(): void {
    expect(fetch(8080)).toContain('hello from guest2');
    expect(fetch(8081)).toContain('hello from guest2');
    expect(lab.guestgate('status').stdout).not.toContain('is taken by');
    expect(lab.guestgate('check').status).toBe(0);
  }

  test('old stops: new has the port', () => {
    expect(lab.hook(old, 'stopped').stdout).toBe('');
    expectNewHasIt();
  });

  test('the policy of old gives it up: new has the port', () => {
    configure('forward = ["8090:80"]', 'forward = ["8080:80", "8081:80"]');
    expect(lab.guestgate('replay', 'old').status).toBe(0);
    expectNewHasIt();
    expect(fetch(8090)).toContain('hello from guest1');
  });

  test('old is gone without an event: the next one of any guest gives new the port', () => {
    lab.host.sh('rm /run/libvirt/qemu/old.xml');
    expect(lab.daemonHook('start').status).toBe(0);
    expectNewHasIt();
  });

  test('new stops first: nothing of it comes back when old stops', () => {
    lab.end(fresh);
    lab.end(old);
    expect([fetch(8080), fetch(8081)]).toEqual([
      expect.stringContaining('refused'),
      expect.stringContaining('refused'),
    ]);
    expect(lab.host.sh('ls /run/guestgate/guests /run/guestgate/requests')).not.toMatch(/qemu-(old|new)/);
  });

  test('a public address and a range', () => {
    for (const guest of [old, fresh]) lab.end(guest);
    const both = `public_address = "${secondAddress}"\nforward = ["7000-7009:80-89"]`;
    configure(both, both);
    for (const guest of [old, fresh]) lab.hook(guest, 'started');
    expect([fetch(80, secondAddress), fetch(7000)].join()).not.toContain('guest2');
    lab.end(old);
    expect([fetch(80, secondAddress), fetch(7000)]).toEqual([
      expect.stringContaining('hello from guest2'),
      expect.stringContaining('hello from guest2'),
    ]);
  });
});
