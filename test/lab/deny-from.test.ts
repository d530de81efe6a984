import { describe, expect } from 'vitest';
import { publicAddress, secondAddress } from '../support/lab.ts';
import { secondBackends } from '../support/lab-program.ts';
import { labTest } from '../support/lab-test.ts';
import { until } from '../support/until.ts';

/** The client has the addresses 198.51.100.2 and .3, and 2001:db8:1::2. */
const labs = secondBackends.map((backend) => ({
  backend,
  ...labTest({ guests: ['web', 'mail', 'open'], forwarding: 'DROP', ipv6: true, backend }),
}));
const [denied, other] = ['198.51.100.2', '198.51.100.3'];

describe.each(labs)('$backend:', ({ backend, test, lab, web, mail, open }) => {
  const policy = (host: string, own: string) => `[host]
${host}
[guest.web]
address = ["${web.address}", "${web.address6}"]
forward = ["8080:80"]
${own}
[guest.mail]
address = "${mail.address}"
public_address = "${secondAddress}"
[guest.open]
address = "${open.address}"
open = ["80"]
`;
  const admitted = (address: string, port: number, guest: string) =>
    lab.admitted([denied, other], address, port, guest);

  test("a guest's deny_from beats allow_from, ends what a source has, and leaves the guest's own connections", async () => {
    lab.configure(policy('', `allow_from = ["198.51.100.0/24", "2001:db8::/32"]`));
    for (const guest of [web, mail, open]) lab.hook(guest, 'started');
    expect(admitted(publicAddress, 8080, 'guest1')).toEqual([denied, other]);
    // A connection that stays.
    lab.host.start('sh', ['-c', `ip netns exec guest1 socat TCP-LISTEN:81,fork,reuseaddr SYSTEM:'cat'`]);
    lab.configure(policy('', `forward = ["8080:80", "8081:81"]`).replace('forward = ["8080:80"]\n', ''));
    lab.guestgate('apply', 'web');
    lab.host.sh('mkfifo /tmp/in', {});
    lab.host.start('sh', [
      '-c',
      `ip netns exec client socat -t 60 TCP:${publicAddress}:8081,bind=${denied} SYSTEM:'echo one; cat /tmp/in & cat >/tmp/out' 2>/tmp/err`,
    ]);
    await until('the connection answers', () => lab.host.sh('cat /tmp/out 2>/dev/null || true') === 'one\n');
    lab.configure(
      policy('', `forward = ["8080:80", "8081:81"]\ndeny_from = ["${denied}", "2001:db8:1::/64"]`).replace(
        'forward = ["8080:80"]\n',
        '',
      ),
    );
    expect(lab.guestgate('apply', 'web').status).toBe(0);
    expect(
      lab.host.sh(`conntrack -L -s ${denied} --dport 8081 2>/dev/null | grep -c ESTABLISHED || true`).trim(),
    ).toBe('0');
    lab.host.sh('echo two >/tmp/in');
    expect(admitted(publicAddress, 8080, 'guest1')).toEqual([other]);
    expect(lab.host.sh('cat /tmp/out')).toBe('one\n');
    expect(lab.fetch('client', '2001:db8:1::1', 8080)).not.toContain('hello');
    // Other guests are not concerned, nor is what the guest opens itself.
    expect(admitted(secondAddress, 80, 'guest2')).toEqual([denied, other]);
    lab.host.sh(`iptables -A FORWARD -i virbr0 -j ACCEPT; iptables -A FORWARD -o virbr0 -m conntrack --ctstate ESTABLISHED -j ACCEPT
      iptables -t nat -A POSTROUTING -s 192.168.122.0/24 ! -d 192.168.122.0/24 -j MASQUERADE`);
    lab.serve('client', 'hello from client');
    expect(lab.fetch('guest1', denied, 80)).toContain('hello from client');
    lab.host.sh('iptables -D FORWARD 2; iptables -D FORWARD 2 || true');
    expect(lab.guestgate('check').stdout).toContain('agree');
    expect(lab.guestgate('status').stdout).toContain(`${web.address} not from ${denied}`);
  });

  test('connections end when allow_from no longer has their source; other connections continue', async () => {
    const list = (from: string) =>
      policy('', `allow_from = [${from}]\nopen = ["80"]`)
        .replace('["8080:80"]', '["8080:80", "8082:82/udp"]')
        .replace('open = ["80"]\n[', '[');
    lab.configure(list(`"${denied}", "${other}"`));
    lab.hook(web, 'started');
    lab.guestgate('apply', 'web');
    lab.host.start('sh', ['-c', `ip netns exec guest1 socat UDP-LISTEN:82,fork,reuseaddr SYSTEM:'cat'`]);
    for (const source of [denied, other])
      lab.host.start('sh', [
        '-c',
        `mkfifo /tmp/in-${source}; ip netns exec client socat -t 60 TCP:${publicAddress}:8080,bind=${source} SYSTEM:'cat /tmp/in-${source}'`,
      ]);
    const flows = (source: string) =>
      Number(
        lab.host.sh(
          `conntrack -L -p tcp -s ${source} --dport 8080 2>/dev/null | grep -c ESTABLISHED || true`,
        ),
      );
    await until('both are connected', () => flows(denied) === 1 && flows(other) === 1);
    lab.host.sh(`echo x | ip netns exec client socat -t 1 - UDP:${publicAddress}:8082,bind=${denied}`);
    const udp = () => lab.host.sh(`conntrack -L -p udp -s ${denied} --dport 8082 2>/dev/null || true`);
    expect(udp()).toContain('8082');
    lab.configure(list(`"${other}"`));
    expect(lab.guestgate('apply', 'web').status).toBe(0);
    expect([flows(denied), flows(other)]).toEqual([0, 1]);
    expect(udp()).toBe('');
    expect(admitted(publicAddress, 8080, 'guest1')).toEqual([other]);
    for (const source of [denied, other]) lab.host.sh(`timeout 1 sh -c 'echo >/tmp/in-${source}' || true`);
  });

  test('[host] deny_from holds for all guests: forwards, public addresses and open ports', () => {
    lab.configure(policy(`deny_from = ["${denied}/32"]`, ''));
    expect(lab.guestgate('apply').status).toBe(0);
    lab.host.sh(`ip route replace 192.168.122.0/24 via ${publicAddress}`, { in: 'client' });
    for (const [address, port, guest] of [
      [publicAddress, 8080, 'guest1'],
      [secondAddress, 80, 'guest2'],
      [open.address, 80, 'guest3'],
    ] as const)
      expect(admitted(address, port, guest)).toEqual([other]);
    const { stdout } = lab.guestgate('explain', `${publicAddress}:8080`, '--from', denied);
    expect(stdout).toMatch(/^Dropped in .*(denied|DENY0).*\nThat rule names this source/m);
    lab.configure(policy('', ''));
    lab.guestgate('apply');
    expect(admitted(publicAddress, 8080, 'guest1')).toEqual([denied, other]);
    expect(lab.guestgate('check').stdout).toContain('agree');
  });

  test('deny_from holds where another program admits the guest, and nothing else is in its policy', () => {
    lab.configure(policy('', '').replace('open = ["80"]', `deny_from = ["${denied}"]`));
    expect(lab.guestgate('apply').status).toBe(0);
    lab.host.sh(`ip route replace 192.168.122.0/24 via ${publicAddress}`, { in: 'client' });
    lab.host.sh('iptables -I FORWARD -j ACCEPT');
    expect(admitted(open.address, 80, 'guest3')).toEqual([other]);
    lab.host.sh('iptables -D FORWARD -j ACCEPT');
    lab.configure(policy('', ''));
    expect(lab.guestgate('apply').status).toBe(0);
    expect(lab.guestgate('check').stdout).toContain('agree');
  });

  test("the administrator's own rules hold, and no rebuild, reload or change of the back end takes them away", () => {
    const isTable = backend === 'nftables';
    lab.host.sh(
      isTable
        ? `nft add rule inet guestgate_user forward ip saddr ${denied} drop`
        : `iptables -A GUESTGATE-USER -s ${denied} -j DROP`,
    );
    const holds = () => expect(admitted(publicAddress, 8080, 'guest1')).toEqual([other]);
    holds();
    lab.guestgate('replay');
    lab.host.sh(
      isTable ? 'nft delete table ip guestgate' : 'iptables -t nat -F; iptables -F GUESTGATE-FORWARD',
    );
    lab.daemonHook('reload');
    holds();
    const toml = policy(`backend = "${isTable ? 'iptables' : 'nftables'}"`, '');
    lab.host.write('/etc/guestgate/guestgate.toml', toml);
    expect(lab.guestgate('replay').status).toBe(0);
    holds();
    const { stdout } = lab.guestgate('uninstall');
    expect(stdout).toMatch(
      isTable ? /^kept table inet guestgate_user: /m : /^kept GUESTGATE-USER of iptables-/m,
    );
    lab.host.sh(isTable ? 'nft flush chain inet guestgate_user forward' : 'iptables -F GUESTGATE-USER');
    lab.guestgate('uninstall');
    expect(lab.ruleset()).not.toMatch(/guestgate/i);
  });
});
