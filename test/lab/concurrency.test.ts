import { expect } from 'vitest';
import { type LabGuest, publicAddress } from '../support/lab.ts';
import { labTest } from '../support/lab-test.ts';
import { readRepository } from '../support/repository.ts';

/** A host boots: libvirt starts its guests at once, and calls the hooks of different guests side by side. */
const count = 30;
const { test, lab } = labTest({ forwarding: 'DROP' });
let guests: LabGuest[];
test.beforeAll(() => {
  guests = Array.from({ length: count }, (_, index) =>
    lab.addGuest(`guest ${index}`, { serve: index % 10 === 0 }),
  );
  lab.configure(
    guests
      .map(
        (guest, index) => `[guest."${guest.name}"]
address = "${guest.address}"
forward = ["${20000 + index}:80", "${30000 + 10 * index}-${30009 + 10 * index}:100-109", "9999:80"]
`,
      )
      .join('\n'),
  );
});

/** Calls hooks all at once, each from a process of its own, and replay in between; fails if any of them does. */
function atOnce(operation: 'started' | 'reconnect' | 'stopped', extra = ''): void {
  for (const [index, guest] of guests.entries()) {
    lab.host.write(`/tmp/at-once/${index}`, lab.xml(guest, operation));
    if (operation === 'started') lab.host.write(`/run/libvirt/qemu/${guest.name}.xml`, lab.status(guest));
    else if (operation === 'stopped') lab.host.run('rm', ['-f', `/run/libvirt/qemu/${guest.name}.xml`]);
  }
  const calls = guests.map(
    (guest, index) =>
      `(/etc/libvirt/hooks/qemu '${guest.name}' ${operation} begin - </tmp/at-once/${index} >>/tmp/stdout || touch /tmp/failed) &`,
  );
  calls.splice(count / 2, 0, extra);
  lab.host.sh(
    `rm -f /tmp/failed /tmp/stdout; ${calls.join('\n')}\nwait; test ! -e /tmp/failed; test ! -s /tmp/stdout`,
  );
}

const agreement = /^Configuration, running guests and kernel agree\.\n/;

/** What check finds besides the port that all of them want and one has. */
function differences(): string[] {
  const refused = /9999\/tcp is taken by|1 of 3 rules is missing/;
  const lines = lab.guestgate('check').stdout.split('\n');
  return lines.filter((line) => line !== '' && !refused.test(line));
}

test.each(['', '(guestgate replay >/dev/null 2>&1; true) &'])(
  'started together (%s): nothing is lost',
  (extra) => {
    atOnce('started', extra);
    expect(differences()).toEqual([]);
    const ruleset = lab.ruleset();
    for (let index = 0; index < count; index++) expect(ruleset).toContain(`tcp . ${20000 + index} `);
    expect(ruleset.match(/tcp \. 9999 /g)).toHaveLength(1);
    expect(ruleset.match(/-j GUESTGATE-FORWARD|jump GUESTGATE-FORWARD/g)).toHaveLength(1);
    for (const index of [0, 10, 20]) {
      expect(lab.fetch('client', publicAddress, 20000 + index)).toContain(`hello from guest${index + 1}`);
    }

    atOnce('stopped', extra);
    // Notes come after it: all of them want port 9999.
    expect(lab.guestgate('check').stdout).toMatch(agreement);
    expect(lab.ruleset()).not.toMatch(/elements = \{[^}]*(tcp|udp) \./);
    expect(lab.host.sh('ls /run/guestgate/guests /run/guestgate/claims')).not.toMatch(/json|tcp/);
  },
);

test('libvirtd restarts and puts its rules above our accepts: they return to the head, once', () => {
  lab.host.run('nft', ['-f', '-'], { input: readRepository('test/lab/rules/libvirt-nftables.nft') });
  atOnce('started');
  for (let time = 0; time < 3; time++) {
    lab.host.sh(`iptables -I FORWARD -j REJECT
      nft flush chain ip libvirt_network forward; nft insert rule ip libvirt_network forward jump guest_input`);
    atOnce('reconnect');
    const rules = lab.host.sh('iptables -S FORWARD | grep ^-A').split('\n');
    expect(rules[0]).toBe('-A FORWARD -j GUESTGATE-FORWARD');
    expect(rules.filter((rule) => rule.includes('GUESTGATE'))).toHaveLength(1);
    expect(lab.host.sh('nft list chain ip libvirt_network forward').match(/accept comment/g)).toHaveLength(1);
    expect(differences()).toEqual([]);
    expect(lab.fetch('client', publicAddress, 20000)).toContain('hello from guest1');
  }
});

test('two that both find an accept missing put it there once, and complain of nothing', () => {
  const restore = 'iptables-nft-restore';
  const slow = `#!/bin/sh\nsleep 1\nexec /usr/sbin/${restore} "$@"\n`;
  lab.host.write(`/usr/local/sbin/${restore}`, slow);
  lab.host.sh(`chmod +x /usr/local/sbin/${restore}; iptables -F FORWARD; rm -f /tmp/said`);
  lab.host.sh(`
    /etc/libvirt/hooks/qemu 'guest 1' reconnect begin - </tmp/at-once/1 2>>/tmp/said &
    /etc/libvirt/hooks/daemon - reload begin SIGHUP </dev/null 2>>/tmp/said &
    wait; rm /usr/local/sbin/${restore}`);
  expect(lab.host.sh('iptables -S FORWARD').match(/-j GUESTGATE-FORWARD/g)).toHaveLength(1);
  const complaints = lab.host
    .read('/tmp/said')
    .split('\n')
    .filter((line) => line.includes("putting guestgate's head rule"));
  expect(complaints).toEqual([]);
});
