import { expect } from 'vitest';
import { publicAddress } from '../support/lab.ts';
import { labTest } from '../support/lab-test.ts';

/*
 * iptables-nft makes tables and base chains when it first needs them, and never removes them. guestgate removes those that
 * it caused, because an administrator compares the ruleset before `install` with the one after `uninstall`.
 */

/** What libvirt 9 leaves: it uses POSTROUTING of its nat table and FORWARD of the filter table, and no other base chain. */
const libvirtRules = `
  iptables-nft -t nat -N LIBVIRT_PRT
  iptables-nft -t nat -I POSTROUTING -j LIBVIRT_PRT
  iptables-nft -t nat -A LIBVIRT_PRT -s 192.168.122.0/24 -d 224.0.0.0/24 -j RETURN
  iptables-nft -t nat -A LIBVIRT_PRT -s 192.168.122.0/24 ! -d 192.168.122.0/24 -j MASQUERADE
  iptables-nft -N LIBVIRT_FWO
  iptables-nft -I FORWARD -j LIBVIRT_FWO
  iptables-nft -A LIBVIRT_FWO -s 192.168.122.0/24 -i virbr0 -j ACCEPT
`;

const { test, lab, web } = labTest({ guests: ['web'], backend: 'iptables-nft' });
let before: string;
test.beforeAll(() => {
  configure('iptables-nft');
  lab.host.sh(libvirtRules);
  before = lab.ruleset();
});

function configure(backend: 'iptables-nft' | 'nftables'): void {
  lab.useBackend(backend);
  lab.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]\n`);
}

function startAndStop(): void {
  expect(lab.hook(web, 'started').status).toBe(0);
  expect(lab.fetch('client', publicAddress, 8080)).toContain('hello from guest1');
  expect(lab.ruleset()).toContain('chain PREROUTING');
  lab.end(web);
}

test('uninstall removes the base chains that guestgate caused in a table of libvirt', () => {
  startAndStop();
  expect(lab.guestgate('uninstall').status).toBe(0);
  expect(lab.ruleset()).toBe(before);
});

test('a change to nftables removes them too', () => {
  lab.reinstall();
  configure('iptables-nft');
  startAndStop();
  configure('nftables');
  expect(lab.guestgate('replay').status).toBe(0);
  expect(lab.ruleset()).not.toContain('chain PREROUTING');
  lab.guestgate('uninstall');
  expect(lab.ruleset()).toBe(before);
});

test('after another program flushed the ruleset, guestgate knows which chains it causes this time', () => {
  lab.reinstall();
  lab.host.sh(
    'nft add chain ip nat PREROUTING "{ type nat hook prerouting priority dstnat; policy accept; }"',
  );
  configure('iptables-nft');
  expect(lab.hook(web, 'started').status).toBe(0);
  lab.host.sh(`nft flush ruleset\n${libvirtRules}`);
  expect(lab.networkHook('started').status).toBe(0);
  expect(lab.fetch('client', publicAddress, 8080)).toContain('hello from guest1');
  lab.end(web);
  lab.guestgate('uninstall');
  expect(lab.ruleset()).toBe(before);
});

test('a base chain that another program uses, or closed, stays', () => {
  lab.reinstall();
  configure('iptables-nft');
  startAndStop();
  lab.host.sh(
    'iptables-nft -t nat -A OUTPUT -d 192.0.2.1 -j ACCEPT; nft "chain ip nat PREROUTING { policy drop; }"',
  );
  lab.guestgate('uninstall');
  const left = lab.ruleset();
  expect(left).toContain('ip daddr 192.0.2.1');
  expect(left).toMatch(/chain PREROUTING \{\n.*policy drop;/);
  lab.host.sh(
    'nft delete chain ip nat PREROUTING; nft flush chain ip nat OUTPUT; nft delete chain ip nat OUTPUT',
  );
  expect(lab.ruleset()).toBe(before);
});

test('a base chain that was there before stays', () => {
  lab.reinstall();
  lab.host.sh(
    'nft add chain ip nat PREROUTING "{ type nat hook prerouting priority dstnat; policy accept; }"',
  );
  const withChain = lab.ruleset();
  configure('iptables-nft');
  startAndStop();
  lab.guestgate('uninstall');
  expect(lab.ruleset()).toBe(withChain);
});

test('a rule of nft that iptables-nft cannot list keeps nothing of ours there', () => {
  lab.host.sh(
    'nft delete chain ip nat PREROUTING; nft add rule ip nat POSTROUTING oif "eth0" counter masquerade',
  );
  const incompatible = lab.ruleset();
  expect(lab.host.sh('iptables-nft-save 2>&1')).toContain('incompatible');
  lab.reinstall();
  configure('iptables-nft');
  startAndStop();
  expect(lab.guestgate('uninstall').status).toBe(0);
  expect(lab.ruleset()).toBe(incompatible);
});
