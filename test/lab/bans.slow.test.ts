import { describe, expect } from 'vitest';
import { BlockingSoftware } from '../support/blocking-software.ts';
import { libvirtRules } from '../support/foreign-rules.ts';
import { client, publicAddress } from '../support/lab.ts';
import { firstBackends } from '../support/lab-program.ts';
import { labTest } from '../support/lab-test.ts';
import { until } from '../support/until.ts';

/*
 * The administrator and his programs block addresses in FORWARD. guestgate's accept is ahead of what refuses everything,
 * and below what refuses sources by name. The client has the addresses 198.51.100.2, which is blocked, and .3.
 */

const labs = firstBackends.map((backend) => ({
  backend,
  variant: backend === 'iptables-legacy' ? 1 : 0,
  ...labTest({ guests: ['web'], backend }),
}));
const [banned, other] = ['198.51.100.2', '198.51.100.3'];

describe.each(labs)('$backend:', ({ backend, variant, test, lab, web }) => {
  let software: BlockingSoftware;
  test.beforeAll(() => {
    software = new BlockingSoftware(lab);
    lab.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["8080:80"]\n`);
    libvirtRules[variant]?.load(lab);
    lab.hook(web, 'started');
    lab.serve('client', 'hello from client');
  });

  const testOfNft = backend === 'iptables-legacy' ? undefined : test;
  const sh = (script: string) => lab.host.sh(script);
  const admitted = () => lab.admitted([banned, other], publicAddress, 8080);
  /** FORWARD without libvirt's part. */
  const forward = () =>
    sh('iptables -S FORWARD | grep ^-A')
      .trim()
      .split('\n')
      .filter((rule) => !rule.includes('LIBVIRT'));
  const ours = '-A FORWARD -j GUESTGATE-FORWARD';
  const doctor = () => lab.guestgate('doctor').stdout;
  /** Each makes head rules be looked at. */
  const events = () => {
    lab.hook(web, 'reconnect');
    lab.networkHook('started');
    lab.daemonHook('reload');
  };

  test('a ban of fail2ban holds through events and replay; it is no fault, and ends with it', async () => {
    await software.startFail2ban();
    software.ban(banned);
    expect(admitted()).toEqual([other]);
    events();
    expect(lab.guestgate('replay').status).toBe(0);
    expect(forward()).toEqual(['-A FORWARD -p tcp -j f2b-web', ours]);
    expect(admitted()).toEqual([other]);
    expect(lab.guestgate('check')).toMatchObject({ status: 0, stdout: expect.stringContaining('agree') });
    expect(doctor()).not.toContain('FORWARD');
    const { stdout } = lab.guestgate('explain', `${publicAddress}:8080`, '--from', banned);
    expect(stdout).toMatch(/^Rejected in .*-s 198\.51\.100\.2\/32 .*\nThat rule names this source/m);
    software.unban(banned);
    expect(admitted()).toEqual([banned, other]);
  });

  test('a rule that refuses everything is still an obstacle; guestgate goes below the bans ahead of it, and no further', () => {
    sh(`iptables -I FORWARD 1 -j REJECT; iptables -I FORWARD 1 -s ${banned} -j DROP`);
    expect(admitted()).toEqual([]);
    const found = doctor();
    expect(found).toMatch(
      /not first in iptables(-legacy)? FORWARD; above it, or in its place:\n {4}-A FORWARD -j REJECT[^\n]*\n {4}guestgate replay/,
    );
    expect(found).not.toContain(`-s ${banned}`);
    events();
    expect(forward().slice(0, 3)).toEqual([
      `-A FORWARD -s ${banned}/32 -j DROP`,
      ours,
      expect.stringContaining('REJECT'),
    ]);
    expect(admitted()).toEqual([other]);
    sh(`iptables -D FORWARD -j REJECT; iptables -D FORWARD -s ${banned} -j DROP`);
  });

  test("rules in Docker's chain for the administrator hold; Docker's own are below guestgate's accept", () => {
    // As dockerd makes them: without a rule of the administrator's.
    sh(`for c in DOCKER-USER DOCKER-ISOLATION-STAGE-1 DOCKER-ISOLATION-STAGE-2; do iptables -N $c; done
      iptables -A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2
      iptables -A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP
      iptables -A DOCKER-USER -j RETURN
      iptables -I FORWARD -j DOCKER-ISOLATION-STAGE-1; iptables -I FORWARD -j DOCKER-USER`);
    events();
    expect(forward().slice(0, 3)).toEqual([
      '-A FORWARD -j DOCKER-USER',
      ours,
      '-A FORWARD -j DOCKER-ISOLATION-STAGE-1',
    ]);
    sh(`iptables -I DOCKER-USER -m iprange --src-range ${banned}-${banned} -j DROP`);
    events();
    expect(admitted()).toEqual([other]);
    // A list of whom the administrator lets in to containers refuses everybody else: it must not close the guests.
    sh('iptables -I DOCKER-USER ! -s 203.0.113.0/24 -j DROP');
    events();
    expect(forward()[0]).toBe(ours);
    expect(admitted()).toEqual([banned, other]);
    // ... and the block in it does not hold, which doctor says, with a command that makes it hold.
    const found = doctor();
    expect(found).toMatch(/these blocks do not hold for forwards[^\n]*\n {4}-A DOCKER-USER -m iprange/);
    sh(/^ {4}(iptables\S* -A GUESTGATE-USER .*)$/m.exec(found)?.[1] ?? 'false');
    expect(admitted()).toEqual([other]);
    sh(
      'iptables -F GUESTGATE-USER; iptables -D FORWARD -j DOCKER-USER; iptables -D FORWARD -j DOCKER-ISOLATION-STAGE-1',
    );
  });

  test('what the administrator puts into GUESTGATE-USER holds, for connections too, and guestgate never empties it', () => {
    sh(`iptables -A GUESTGATE-USER -s ${banned} -j DROP`);
    expect(admitted()).toEqual([other]);
    events();
    lab.guestgate('replay');
    sh('iptables -D FORWARD -j GUESTGATE-FORWARD; iptables -F GUESTGATE-FORWARD');
    events();
    expect(admitted()).toEqual([other]);
    expect(lab.guestgate('check').stdout).toContain('agree');
    sh('iptables -F GUESTGATE-USER');
    expect(admitted()).toEqual([banned, other]);
  });

  testOfNft?.("in a table that iptables cannot list, because of another program's nft rules", () => {
    sh(`nft add rule ip filter FORWARD ip saddr '{ 192.0.2.1, 192.0.2.2 }' drop; iptables -A GUESTGATE-USER -s ${banned} -j DROP
      nft insert rule ip filter FORWARD ip saddr 192.0.2.3 meta time ge 100 drop`);
    expect(sh('iptables-save -t filter')).toContain('incompatible');
    events();
    lab.guestgate('replay');
    expect(admitted()).toEqual([other]);
    expect(sh('nft list chain ip filter FORWARD | grep -v type').split('\n')[2]).toContain('192.0.2.3');
    sh('nft flush chain ip filter FORWARD; iptables -F GUESTGATE-USER');
    libvirtRules[variant]?.load(lab);
    events();
    expect(admitted()).toEqual([banned, other]);
  });

  test('ufw: `route deny from` holds, where ufw is ahead of libvirt', () => {
    sh(`cp /usr/share/ufw/iptables/*.rules /usr/share/ufw/*.init /usr/share/ufw/ufw.conf /etc/ufw/; chmod 640 /etc/ufw/*.rules
      iptables -F FORWARD; ufw --force enable; ufw route deny from ${banned}`);
    libvirtRules[variant]?.load(lab);
    events();
    const rules = forward();
    expect(rules.indexOf(ours)).toBe(rules.indexOf('-A FORWARD -j ufw-before-forward') + 1);
    expect(admitted()).toEqual([other]);
    expect(doctor()).not.toContain('not first');
    // Behind libvirt's chains it does not hold, which doctor says, with a command that makes it hold.
    sh('iptables -D FORWARD -j ufw-before-forward; iptables -A FORWARD -j ufw-before-forward');
    events();
    expect(admitted()).toEqual([banned, other]);
    const lines = doctor().matchAll(/^ {4}(iptables\S* -A GUESTGATE-USER .*)$/gm);
    for (const [, line = 'false'] of lines) sh(line);
    expect(admitted()).toEqual([other]);
    sh('iptables -F GUESTGATE-USER; ufw --force disable; iptables -F FORWARD');
  });

  test('Shorewall: its stopped state stays closed, and what it drops can be made to hold', async () => {
    software.configureShorewall();
    sh('shorewall start');
    lab.guestgate('replay');
    expect(admitted()).toEqual([banned, other]);
    sh(`shorewall drop ${banned}`);
    const found = doctor();
    // Its policy of DROP meets no guest's connection: its own chains admit "loc" to "net".
    expect(found).not.toContain('the policy is DROP');
    expect(lab.fetch('guest1', client, 80)).toContain('hello from client');
    sh(/^ {4}(iptables\S* -A GUESTGATE-USER .*-j dynamic)$/m.exec(found)?.[1] ?? 'false');
    expect(admitted()).toEqual([other]);
    sh('shorewall stop');
    events();
    lab.guestgate('replay');
    expect(admitted()).toEqual([]);
    expect(doctor()).toMatch(
      /All forwards blocked:\n- kernel: Shorewall is stopped[^\n]*\n {4}shorewall start/,
    );
    sh('shorewall clear');
    events();
    expect(admitted()).toEqual([banned, other]);
  });

  test('the watcher leaves bans and a stopped Shorewall alone, and repairs the rest', async () => {
    lab.host.start('sh', ['-c', 'exec guestgate watch >/tmp/watch.log 2>&1']);
    await until('the watcher runs', () => sh('pgrep -f "guestgate watch" || true') !== '');
    sh(`ipset create blacklist hash:ip; ipset add blacklist ${banned}
      iptables -N BLACKLIST; iptables -A BLACKLIST -m set --match-set blacklist src -j DROP; iptables -I FORWARD -j BLACKLIST
      iptables -A FORWARD -j REJECT; iptables -D FORWARD -j GUESTGATE-FORWARD`);
    await until('the watcher puts the accept back', () => forward().includes(ours));
    expect(forward().slice(0, 2)).toEqual(['-A FORWARD -j BLACKLIST', ours]);
    expect(admitted()).toEqual([other]);
    sh(
      'iptables -F FORWARD; iptables -F BLACKLIST; iptables -X BLACKLIST; ipset destroy blacklist; shorewall stop',
    );
    // With iptables, Shorewall removes guestgate's chains, too, and the watcher makes them again.
    const chain =
      backend === 'nftables'
        ? 'nft list chain ip guestgate translate'
        : 'iptables -t nat -S GUESTGATE-TRANSLATE';
    if (backend === 'nftables') sh('nft flush chain ip guestgate translate');
    await until('the watcher has looked since', () => sh(`${chain} || true`).match(/dnat|EXACT/) !== null);
    expect(forward()).not.toContain(ours);
    expect(admitted()).toEqual([]);
    sh('shorewall clear');
    await until('the watcher puts the accept back', () => lab.ruleset().includes('GUESTGATE-FORWARD'));
  });

  test('uninstall keeps the places that hold rules, says so, and removes empty ones', () => {
    sh(`iptables -A GUESTGATE-USER -s ${banned} -j DROP`);
    const { stdout } = lab.guestgate('uninstall');
    expect(stdout).toMatch(/^kept GUESTGATE-USER of iptables-(nft|legacy): it holds your own rules$/m);
    expect(sh('iptables -S GUESTGATE-USER')).toContain(`-s ${banned}/32 -j DROP`);
    sh('iptables -F GUESTGATE-USER');
    lab.guestgate('uninstall');
    expect(lab.ruleset()).not.toMatch(/guestgate/i);
  });
});
