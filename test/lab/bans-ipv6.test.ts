import { describe, expect } from 'vitest';
import { libvirtRules6 } from '../support/foreign-rules.ts';
import { publicAddress6 } from '../support/lab.ts';
import { secondBackends } from '../support/lab-program.ts';
import { labTest } from '../support/lab-test.ts';

/*
 * What bans.slow.test.ts shows, in IPv6: the blocks are in ip6tables' FORWARD, or in the same chain by nft. The client has the addresses
 * 2001:db8:1::2, which is blocked, and ::3.
 */

const labs = secondBackends.map((backend) => ({
  backend,
  variant: backend === 'iptables-legacy' ? 1 : 0,
  ...labTest({ guests: ['web'], backend, ipv6: true }),
}));
const [banned, other] = ['2001:db8:1::2', '2001:db8:1::3'];

describe.each(labs)('$backend:', ({ backend, variant, test, lab, web }) => {
  test.beforeAll(() => {
    lab.configure(`[guest.web]\naddress = "${web.address6}"\nforward = ["8080:80"]\n`);
    libvirtRules6[variant]?.load(lab);
    lab.hook(web, 'started');
  });

  const sh = (script: string) => lab.host.sh(script);
  const admitted = () => lab.admitted([banned, other], publicAddress6, 8080);
  /** FORWARD without libvirt's part. */
  const forward = () =>
    sh('ip6tables -S FORWARD | grep ^-A')
      .trim()
      .split('\n')
      .filter((rule) => !rule.includes('LIBVIRT'));
  const ours = '-A FORWARD -j GUESTGATE-FORWARD';
  const events = () => {
    lab.hook(web, 'reconnect');
    lab.networkHook('started');
    lab.guestgate('replay');
  };

  test("a jail's chain of fail2ban's shape holds, is no fault, and ends with its rule", () => {
    expect(admitted()).toEqual([banned, other]);
    sh(`ip6tables -N f2b-web; ip6tables -A f2b-web -j RETURN; ip6tables -I FORWARD 1 -p tcp -j f2b-web
      ip6tables -I f2b-web 1 -s ${banned} -j REJECT --reject-with icmp6-port-unreachable`);
    expect(admitted()).toEqual([other]);
    events();
    expect(forward()).toEqual(['-A FORWARD -p tcp -j f2b-web', ours]);
    expect(admitted()).toEqual([other]);
    expect(lab.guestgate('check')).toMatchObject({ status: 0, stdout: expect.stringContaining('agree') });
    expect(lab.guestgate('doctor').stdout).not.toContain('FORWARD');
    const { stdout } = lab.guestgate('explain', `[${publicAddress6}]:8080`, '--from', banned);
    expect(stdout).toMatch(/^Rejected in .*-s 2001:db8:1::2\/128 .*\nThat rule names this source/m);
    sh(`ip6tables -D f2b-web -s ${banned} -j REJECT --reject-with icmp6-port-unreachable`);
    expect(admitted()).toEqual([banned, other]);
    sh('ip6tables -D FORWARD -p tcp -j f2b-web; ip6tables -F f2b-web; ip6tables -X f2b-web');
  });

  test('a rule that refuses everything is an obstacle; the ban above it stays', () => {
    sh(`ip6tables -I FORWARD 1 -j REJECT; ip6tables -I FORWARD 1 -s ${banned} -j DROP`);
    expect(admitted()).toEqual([]);
    expect(lab.guestgate('doctor').stdout).toMatch(/not first in ip6tables(-legacy)? FORWARD/);
    events();
    expect(forward().slice(0, 3)).toEqual([
      `-A FORWARD -s ${banned}/128 -j DROP`,
      ours,
      expect.stringContaining('REJECT'),
    ]);
    expect(admitted()).toEqual([other]);
    sh(`ip6tables -D FORWARD -j REJECT; ip6tables -D FORWARD -s ${banned} -j DROP`);
  });

  const testOfNft = backend === 'iptables-legacy' ? undefined : test;
  testOfNft?.('a ban by nft, in the same chain or in one of its own, holds', () => {
    sh(`nft insert rule ip6 filter FORWARD ip6 saddr ${banned} drop`);
    events();
    expect(admitted()).toEqual([other]);
    sh('nft flush chain ip6 filter FORWARD');
    libvirtRules6[variant]?.load(lab);
    events();
    expect(admitted()).toEqual([banned, other]);
    sh(`nft -f - <<'END'
table ip6 crowd {
  set blocked { type ipv6_addr; elements = { ${banned} } }
  chain forward { type filter hook forward priority -10; ip6 saddr @blocked drop; }
}
END`);
    events();
    expect(admitted()).toEqual([other]);
    expect(lab.guestgate('check')).toMatchObject({ status: 0, stdout: expect.stringContaining('agree') });
    sh('nft delete table ip6 crowd');
    expect(admitted()).toEqual([banned, other]);
  });

  test('GUESTGATE-USER of ip6tables holds through events and replay', () => {
    sh(`ip6tables -A GUESTGATE-USER -s ${banned} -j DROP`);
    events();
    expect(admitted()).toEqual([other]);
    sh('ip6tables -F GUESTGATE-USER');
    expect(admitted()).toEqual([banned, other]);
  });
});
