import { describe, expect } from 'vitest';
import { type Lab, publicAddress } from '../support/lab.ts';
import type { LabBackend } from '../support/lab-program.ts';
import { labTest } from '../support/lab-test.ts';
import { someOf } from '../support/thoroughness.ts';

/*
 * A program that prints half a listing, nothing or garbage, and ends with exit code 0: neither a bug of guestgate's nor
 * a kernel that agrees.
 */

/** A host whose rules are made with a back end, and that is well. */
function hostWith(backend: LabBackend) {
  const { test, lab, web } = labTest({ guests: ['web'], backend, forwarding: 'DROP' });
  test.beforeAll(() => {
    lab.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]\n`);
    lab.hook(web, 'started');
    expect(lab.guestgate('check').status).toBe(0);
  });
  return { test, lab };
}

const nftables = hostWith('nftables');
const iptables = hostWith('iptables-nft');

/** What comes out of a program that lists, in place of what it prints. */
const faults = { 'half of it': 'head -c 300', nothing: 'cat >/dev/null', garbage: 'tr a-zA-Z x' } as const;

/** With a program, where it is asked to list, that fails so. */
function withFault<T>(lab: Lab, path: string, when: string, fault: string, action: () => T): T {
  const name = path.split('/').at(-1);
  const fake = `#!/bin/sh\ncase " $* " in ${when}) ${path} "$@" | ${fault}; exit 0;; esac\nexec ${path} "$@"\n`;
  lab.host.write(`/usr/local/sbin/${name}`, fake);
  lab.host.sh(`chmod +x /usr/local/sbin/${name}`);
  try {
    return action();
  } finally {
    lab.host.sh(`rm /usr/local/sbin/${name}`);
  }
}

function expectNoStack(text: string): void {
  expect(text).not.toMatch(/this is a bug|\n {4}at /);
}

describe('with nftables', () => {
  const { test, lab } = nftables;

  describe.each(someOf(Object.entries(faults), 2))('nft -j prints %s', (_, fault) => {
    const broken = (...args: string[]) =>
      withFault(lab, '/usr/sbin/nft', '*" -j "*', fault, () => lab.guestgate(...args));

    test('status continues without counters, and says so', () => {
      const { status, stdout, stderr } = broken('status');
      expect(status).toBe(0);
      expect(stdout).toContain('8080');
      expect(stderr).toMatch(/counters of table ip guestgate are left out: .*nft -j list table ip guestgate/);
      expectNoStack(stderr);
      expect(JSON.parse(broken('status', '--json').stdout)).toMatchObject({
        guests: [{ elements: [{ element: { kind: 'forward' } }] }],
        problems: [expect.stringContaining('nft -j list')],
      });
    });

    test('check says that it could not compare', () => {
      const { status, stdout, stderr } = broken('check');
      expect(status).toBe(1);
      expect(stdout).toMatch(
        /table ip guestgate could not be compared: .*nft -j list table ip guestgate succeeded/,
      );
      expectNoStack(stdout + stderr);
    });

    test('doctor finds it, explain says why it cannot answer', () => {
      const doctor = broken('doctor');
      expect(doctor.status).toBe(1);
      expect(doctor.stdout).toMatch(/could not be (compared|completed): .*nft -j/);
      expectNoStack(doctor.stdout + doctor.stderr);
      const explained = broken('explain', `${publicAddress}:8080`, '--from', '198.51.100.2');
      expect(explained.status).toBe(1);
      expect(explained.stderr).toMatch(/nft -j list chains succeeded, but printed/);
      expectNoStack(explained.stderr);
    });
  });

  test.each(someOf(Object.entries(faults), 1))('ip -j prints %s: explain says so', (_, fault) => {
    const path = lab.host.sh('command -v ip').trim();
    const run = () => lab.guestgate('explain', `${publicAddress}:8080`, '--from', '198.51.100.2');
    const { status, stderr } = withFault(lab, path, '*" -j "*', fault.replace('300', '30'), run);
    expect(status).toBe(1);
    expect(stderr).toMatch(/ip -j -4 .* succeeded, but printed/);
    expectNoStack(stderr);
  });
});

describe('with iptables', () => {
  const { test, lab } = iptables;

  test.each(someOf(Object.entries(faults), 1))('iptables-nft-save prints %s', (what, fault) => {
    const broken = (...args: string[]) =>
      withFault(lab, '/usr/sbin/iptables-nft-save', '*', fault, () => lab.guestgate(...args));
    const checked = broken('check');
    expect(checked.status).toBe(1);
    const shown = broken('status');
    expect([shown.status, shown.stdout]).toEqual([0, expect.stringContaining('8080')]);
    // Nothing at all is what a kernel without tables prints.
    if (what === 'nothing') expect(checked.stdout).toContain('the ruleset has no chains of guestgate');
    else {
      expect(checked.stdout).toMatch(/could not be compared: .*iptables-nft-save -c succeeded, but printed/);
      expect(shown.stderr).toMatch(/counters of .* are left out/);
    }
    for (const text of [checked.stdout, checked.stderr, shown.stderr, broken('doctor').stdout])
      expectNoStack(text);
  });
});
