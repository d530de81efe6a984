import { describe, expect } from 'vitest';
import { answers, countFrames, isSilent } from '../support/echo.ts';
import { advertisement, broadcastFrame, dhcpOffer, fromServer6 } from '../support/ethernet-frame.ts';
import type { LabGuest } from '../support/lab.ts';
import { client, client6 } from '../support/lab-links.ts';
import { firstBackends } from '../support/lab-program.ts';
import { labTest } from '../support/lab-test.ts';
import { someOf } from '../support/thoroughness.ts';
import { until } from '../support/until.ts';

/*
 * What libvirt's guests may send with `antispoof`. "web" is checked, "mail" is its neighbour, "open" has no policy.
 * Each test looks first whether the honest packet arrives.
 */

const labs = firstBackends.map((backend) => ({
  backend,
  ...labTest({ guests: ['web', 'mail', 'open'], ipv6: true, backend }),
}));

describe.each(labs)('$backend:', ({ test, lab, web, mail, open }) => {
  const policy = (own = '') =>
    `[guest.web]\naddress = ["${web.address}", "${web.address6}"]\nantispoof = true\n${own}`;
  const listeners = [
    ['the host', '192.168.122.1', 'fd00:122::1'],
    ['a neighbour', mail.address, mail.address6],
    ['what is beyond the host', client, client6],
  ] as const;

  function send({ mac }: LabGuest, space: string, body: string): void {
    lab.host.sh(`printf '${broadcastFrame(mac, body)}' | socat -u - INTERFACE:eth0`, { in: space });
  }

  test('is in place before the guest runs, and gone when it has ended', () => {
    lab.configure(policy());
    expect(lab.hook(web, 'prepare').status).toBe(0);
    expect(lab.hook(web, 'start')).toMatchObject({ status: 0, stdout: '' });
    const before = lab.host.sh('nft list table bridge guestgate');
    expect(before).toContain(`"${web.tap}" . ${web.address}`);
    expect(lab.hook(web, 'started').stderr).toContain('1 checked port');
    expect(lab.host.sh('nft list table bridge guestgate')).toBe(before);
    expect(lab.guestgate('check').stdout).toContain('agree');
    lab.end(web);
    expect(lab.host.sh('nft list table bridge guestgate')).not.toContain('elements');
    expect(lab.guestgate('check').stdout).toContain('agree');
    for (const operation of ['prepare', 'start', 'started']) lab.hook(web, operation);
  });

  test.for(someOf(listeners, 2))('its own addresses are heard by %s, no others', ([, to, to6]) => {
    for (const [own, other, target] of [
      [web.address, '192.168.122.77', to],
      [web.address, open.address, to],
      [web.address6, 'fd00:122::77', to6],
    ] as const) {
      expect(answers(lab.host, 'guest1', target, own)).toBe(true);
      const suffix = other.includes(':') ? '/64 dev eth0 nodad' : '/24 dev eth0';
      lab.host.sh(`ip -n guest1 addr add ${other}${suffix}`);
      expect(isSilent(lab.host, 'guest1', target, other)).toBe(true);
      lab.host.sh(`ip -n guest1 addr del ${other}${suffix.replace(' nodad', '')}`);
    }
  });

  test('a neighbour without a policy sends what it likes', () => {
    lab.host.sh('ip -n guest3 addr add 192.168.122.78/24 dev eth0');
    expect(answers(lab.host, 'guest3', web.address, '192.168.122.78')).toBe(true);
    lab.host.sh('ip -n guest3 addr del 192.168.122.78/24 dev eth0');
  });

  test('another MAC address than its own is not heard', () => {
    lab.host.sh('ip -n guest1 link set eth0 address 52:54:00:99:99:99');
    for (const to of ['192.168.122.1', mail.address, 'fd00:122::1'])
      expect(isSilent(lab.host, 'guest1', to)).toBe(true);
    lab.host.sh(`ip -n guest1 link set eth0 address ${web.mac}`);
    lab.host.sh(`ip -n guest1 route replace default via 192.168.122.1`);
    lab.host.sh(`ip -n guest1 addr replace ${web.address6}/64 dev eth0 nodad`);
    lab.host.sh(`ip -n guest1 route replace default via fd00:122::1`);
    expect(answers(lab.host, 'guest1', mail.address)).toBe(true);
  });

  test('it cannot claim a neighbour in ARP or in neighbour discovery', () => {
    const claim = countFrames(lab.host, 'guest3', `ether saddr ${web.mac} arp saddr ip ${mail.address}`);
    lab.host.sh(`ip -n guest1 addr add ${mail.address}/32 dev eth0`);
    lab.host.sh(`timeout 2 busybox arping -q -U -c1 -w1 -I eth0 ${mail.address} || true`, { in: 'guest1' });
    expect(claim()).toBe(0);
    lab.host.sh(`ip -n guest1 addr del ${mail.address}/32 dev eth0`);
    const own = `ether saddr ${web.mac} icmpv6 type nd-neighbor-advert`;
    const forged = countFrames(lab.host, 'guest3', `${own} @th,64,128 0xfd00012200000000000000000000002a`);
    send(web, 'guest1', advertisement(web.address6, 'fd00:122::2a', web.mac));
    expect(forged()).toBe(0);
    const honest = countFrames(lab.host, 'guest3', own);
    send(web, 'guest1', advertisement(web.address6, web.address6, web.mac));
    expect(honest()).toBeGreaterThan(0);
  });

  test('what only servers send, VLAN tags and unknown protocols are dropped', () => {
    for (const [match, body] of [
      ['udp sport 67', dhcpOffer],
      ['udp sport 547', fromServer6(web.address6, 'DHCPv6')],
      ['icmpv6 type nd-router-advert', fromServer6(web.address6, 'router advertisement')],
      ['ether type 0x8100', '8100'],
      ['ether type 0x88b5', '88b5'],
    ] as const) {
      const seen = countFrames(lab.host, 'guest2', match);
      send(web, 'guest1', body);
      expect(seen(), match).toBe(0);
      send(open, 'guest3', body);
      expect(seen(), match).toBe(1);
    }
  });

  test('no accept of a port is added to the FORWARD of iptables', () => {
    expect(lab.host.sh('iptables-save; ip6tables-save')).not.toContain('physdev');
  });

  test('a mistake elsewhere in the policy opens nothing, nor does a mistake in the key', () => {
    for (const wrong of [`forward = ["99999"]\n`, 'isolated = "x"\n']) {
      lab.configure(policy(wrong));
      expect(lab.guestgate('apply').status).not.toBe(0);
      lab.host.sh('ip -n guest1 addr add 192.168.122.77/24 dev eth0');
      expect(answers(lab.host, 'guest1', mail.address, web.address)).toBe(true);
      expect(isSilent(lab.host, 'guest1', mail.address, '192.168.122.77')).toBe(true);
      lab.host.sh('ip -n guest1 addr del 192.168.122.77/24 dev eth0');
    }
    lab.configure(policy().replace('= true', '= "yes"'));
    expect(lab.guestgate('apply').stderr).toContain('antispoof: must be true or false');
    expect(lab.host.sh('nft list table bridge guestgate')).toContain(web.tap);
  });

  test('its address counts as soon as a lease gives it, before that DHCP alone passes', async () => {
    const dhcp = '[guest.open]\nantispoof = true\n';
    lab.configure(dhcp);
    for (const operation of ['prepare', 'start', 'started']) lab.hook(open, operation);
    expect(isSilent(lab.host, 'guest3', '192.168.122.1')).toBe(true);
    const asked = lab.host.sh(
      `nft 'table ip dhcp { counter asked { }; chain input { type filter hook input priority -300; udp dport 67 counter name asked drop; }; }'
       ip netns exec guest3 busybox udhcpc -i eth0 -n -q -t1 -T1 -s /bin/true 2>/dev/null || true
       nft list counter ip dhcp asked; nft delete table ip dhcp`,
    );
    expect(asked).toMatch(/packets [1-9]/);
    const lease = { 'ip-address': open.address, 'mac-address': open.mac, 'expiry-time': 4_000_000_000 };
    lab.host.write('/var/lib/libvirt/dnsmasq/virbr0.status', JSON.stringify([lease]));
    lab.guestgate('apply');
    // The guest may still wait for the answer to an ARP request that was dropped.
    await until('the address counts', () => answers(lab.host, 'guest3', '192.168.122.1', open.address));
    // A lease that has ended cuts nobody off.
    lab.host.write('/var/lib/libvirt/dnsmasq/virbr0.status', '');
    lab.guestgate('apply');
    expect(answers(lab.host, 'guest3', '192.168.122.1', open.address)).toBe(true);
    lab.end(open);
  });

  test('a guest that no rule can check does not start, if its policy says so', () => {
    const input = lab.xml(open, 'prepare').replace("type='network'", "type='user'");
    lab.configure(`[guest.open]\naddress = "${open.address}"\nantispoof = true\n`);
    expect(lab.hook(open, 'prepare', { input }).status).toBe(0);
    lab.configure(`[guest.open]\naddress = "${open.address}"\nantispoof = true\non_error = "deny"\n`);
    const { status, stderr } = lab.hook(open, 'prepare', { input });
    expect(status).not.toBe(0);
    expect(stderr).toContain('it is of type "user"');
    expect(lab.hook(open, 'prepare').status).toBe(0);
    lab.end(open);
  });

  test('metadata may ask for it, and a file overrules it', () => {
    const metadata = '<gg:guest xmlns:gg="urn:guestgate:1" antispoof="yes"/>';
    lab.configure('');
    for (const operation of ['start', 'started']) lab.hook(open, operation, { metadata });
    expect(lab.host.sh('nft list table bridge guestgate')).toContain(`"${open.tap}"`);
    lab.configure('[guest.open]\nantispoof = false\n');
    expect(lab.guestgate('apply').status).toBe(0);
    expect(lab.host.sh('nft list table bridge guestgate')).not.toContain(`"${open.tap}"`);
  });
});
