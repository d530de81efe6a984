import { describe, expect } from 'vitest';
import { libvirtRules } from '../support/foreign-rules.ts';
import { publicAddress } from '../support/lab.ts';
import { labTest } from '../support/lab-test.ts';
import { someOf } from '../support/thoroughness.ts';

/*
 * A healthy host, of which one thing after the other is broken: the doctor names it, and the command that it gives
 * fixes it, after which it finds nothing. Where packets can tell, they do.
 */

interface Diagnosis {
  readonly name: string;
  readonly severity: string;
  readonly what: string;
  readonly fix: string;
}

const { test, lab, web } = labTest({ guests: ['web'] });
test.beforeAll(() => {
  configure();
  libvirtRules[0]?.load(lab);
  lab.hook(web, 'started');
  // What the commands call, where it is not there or must not be real.
  const reload = '/etc/libvirt/hooks/daemon - reload begin SIGHUP';
  lab.host.write('/usr/local/bin/systemctl', `#!/bin/sh\n[ "$*" = "reload libvirtd" ] && exec ${reload}\n`);
  lab.host.write(
    '/usr/local/bin/virsh',
    `#!/bin/sh\n[ "$1" != console ] || exec sh /tmp/console\n${virsh()}`,
  );
  lab.host.write('/usr/local/bin/firewall-cmd', '#!/bin/sh\necho "$@" >>/tmp/firewall-cmd\n');
  lab.host.write(
    '/usr/local/bin/setsebool',
    '#!/bin/sh\necho "1 1" >/sys/fs/selinux/booleans/virt_hooks_unconfined\n',
  );
  lab.host.sh('chmod +x /usr/local/bin/*; cp /usr/bin/guestgate /tmp/doctor');
});

function configure(more = ''): void {
  lab.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["8080:80", "5353:53/udp"]\n${more}`);
}

function diagnose(): Diagnosis[] {
  const { stdout, status } = lab.host.run('/tmp/doctor', ['doctor', '--json'], { mayFail: true });
  const { findings } = JSON.parse(stdout) as { findings: Diagnosis[] };
  expect(status).toBe(findings.length > 0 ? 1 : 0);
  return findings;
}

const reached = () => lab.fetch('client', publicAddress, 8080) === 'hello from guest1, you are 198.51.100.2';

test('a healthy host has no findings', () => {
  expect(lab.guestgate('doctor')).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(
      /^Found nothing that blocks forwards\.\nnote: no packet has arrived yet for \*:8080\/tcp of guest "web", \*:5353\/udp of guest "web": .*\n$/,
    ),
    stderr: '',
  });
  expect(reached()).toBe(true);
  expect(lab.ask('client', publicAddress, 5353)).not.toBe('');
  expect(lab.guestgate('doctor').stdout).toBe('Found nothing that blocks forwards.\n');
});

test.each(['doctor', 'explain 198.51.100.1:80', 'watch'])('%s needs root', (command) => {
  const ran = lab.host.run(
    'setpriv',
    ['--reuid=65534', '--clear-groups', '/tmp/doctor', ...command.split(' ')],
    {
      mayFail: true,
    },
  );
  expect(ran).toMatchObject({ status: 2, stdout: '' });
  expect(ran.stderr).toContain('needs root, to read the ruleset');
});

interface Fault {
  readonly name: string;
  readonly fault: string;
  readonly severity: string;
  readonly says: RegExp;
  readonly break: string;
  /** Whether a forward works with it. */
  readonly reached?: boolean;
  /** Its command only shows what there is. */
  readonly fixIsManual?: boolean;
  /** What the command's effect does not undo in a lab. */
  readonly after?: string;
}

const sleeperGoes =
  "sed -i '/guest.sleeper/,$d' /etc/guestgate/guestgate.toml; rm -f /run/libvirt/qemu/sleeper.xml; guestgate replay >/dev/null";

const faults: readonly Fault[] = [
  {
    name: 'ip-forward',
    fault: 'forwarding is off',
    severity: 'everything',
    says: /^net\.ipv4\.ip_forward: it is 0/,
    break: 'echo 0 >/proc/sys/net/ipv4/ip_forward',
  },
  {
    name: 'foreign-rules',
    fault: 'a rule stands above the accept',
    severity: 'everything',
    says: /^kernel: guestgate's accept rule is not first in iptables FORWARD; above it, or in its place:\n {4}-A FORWARD -i eth0 -j REJECT/,
    break: 'iptables -I FORWARD -i eth0 -j REJECT',
    after: 'iptables -D FORWARD -i eth0 -j REJECT',
  },
  {
    name: 'foreign-rules',
    fault: 'iptables-legacy drops what it does not know',
    severity: 'everything',
    says: /^kernel: guestgate's accept rule is not first in iptables-legacy FORWARD$/,
    break: 'iptables-legacy -P FORWARD DROP',
    after: 'iptables-legacy -P FORWARD ACCEPT',
  },
  {
    name: 'forwards',
    fault: 'a filter in nftables has a policy of drop',
    severity: 'everything',
    says: /^chain inet mine forward: it drops connections from outside \(eth0\) and from guests \(virbr0\) to \*:8080\/tcp, \*:5353\/udp of guest "web" \(its policy\)/,
    break:
      "nft 'add table inet mine; add chain inet mine forward { type filter hook forward priority 0; policy drop; }'",
    after: 'nft delete table inet mine',
  },
  {
    name: 'forwards',
    fault: 'a filter in nftables rejects all that is left over',
    severity: 'everything',
    says: /^chain ip mine guests: it rejects connections .*\n {4}reject/,
    break:
      "nft 'add table ip mine; add chain ip mine guests { type filter hook forward priority 5; }; add rule ip mine guests ct state established accept; add rule ip mine guests counter reject'",
    after: 'nft delete table ip mine',
  },
  {
    name: 'firewalld',
    fault: 'firewalld forwards its own ports only',
    severity: 'everything',
    says: /^\/etc\/firewalld\/firewalld.conf: StrictForwardPorts=yes: firewalld rejects/,
    break:
      "mkdir -p /etc/firewalld; echo 'StrictForwardPorts=yes' >/etc/firewalld/firewalld.conf; nft 'add table inet firewalld; add chain inet firewalld c'",
    reached: true,
    after: 'nft delete table inet firewalld',
  },
  {
    name: 'ours',
    fault: 'our map is empty',
    severity: 'something',
    says: /^kernel: forward_any .* is missing/,
    break: 'nft flush map ip guestgate forward_any',
  },
  {
    name: 'ours',
    fault: 'our table is gone',
    severity: 'everything',
    says: /^kernel: the ruleset has no table ip guestgate/,
    break: 'nft delete table ip guestgate',
  },
  {
    name: 'hooks',
    fault: 'a hook is missing',
    severity: 'everything',
    says: /^hook qemu: libvirt does not call guestgate: there is no hook$/,
    break: 'rm /etc/libvirt/hooks/qemu',
    reached: true,
  },
  {
    name: 'hooks',
    fault: "somebody else's hook is in its place",
    severity: 'everything',
    says: /^hook network: libvirt does not call guestgate: the only hook is \/etc\/libvirt\/hooks\/network, of another program$/,
    break:
      "rm /etc/libvirt/hooks/network; printf '#!/bin/sh\\n' >/etc/libvirt/hooks/network; chmod +x /etc/libvirt/hooks/network",
    reached: true,
    after: 'rm -r /etc/libvirt/hooks/network.d; ln -sf /usr/bin/guestgate /etc/libvirt/hooks/network',
  },
  {
    name: 'hooks',
    fault: 'the program is not executable',
    severity: 'everything',
    says: /^\/etc\/libvirt\/hooks\/qemu: libvirt cannot run it: its target \/usr\/bin\/guestgate/,
    break: 'chmod 644 /usr/bin/guestgate',
    reached: true,
  },
  {
    name: 'writable-paths',
    fault: 'all users can put hooks of theirs into the folder of the hooks',
    severity: 'later',
    says: /^\/etc\/libvirt\/hooks: others than root can change .*: it can be written by all users$/,
    break: 'chmod 777 /etc/libvirt/hooks',
    reached: true,
  },
  {
    name: 'confinement',
    fault: 'AppArmor does not let libvirtd run the program where it lies',
    severity: 'everything',
    says: /^AppArmor: its profile of libvirtd does not allow \/tmp\/guestgate/,
    break:
      'cp /usr/bin/guestgate /tmp/guestgate; ln -sf /tmp/guestgate /usr/bin/guestgate; mount -t tmpfs none /sys/kernel/security; mkdir /sys/kernel/security/apparmor; echo "libvirtd (enforce)" >/sys/kernel/security/apparmor/profiles',
    reached: true,
    after: 'umount /sys/kernel/security; rm /tmp/guestgate',
  },
  {
    name: 'confinement',
    fault: 'SELinux confines hooks',
    severity: 'everything',
    says: /^SELinux: it confines hooks of libvirt/,
    break:
      'mount -t tmpfs none /sys/fs; mkdir -p /sys/fs/selinux/booleans; echo 1 >/sys/fs/selinux/enforce; echo "0 0" >/sys/fs/selinux/booleans/virt_hooks_unconfined',
    reached: true,
    after: 'umount /sys/fs',
  },
  {
    name: 'limits',
    fault: 'the daemon that calls the hooks has a limit below which they cannot run',
    severity: 'everything',
    says: /^virtlxcd \(process \d+\): it has a limit of 204800000 for "Max address space"/,
    break:
      'cp /bin/sleep /tmp/virtlxcd; (ulimit -Sv 200000; exec /tmp/virtlxcd 600) >/dev/null 2>&1 & until pgrep -x virtlxcd >/dev/null; do sleep 0.02; done',
    reached: true,
    after: 'kill $(pgrep -x virtlxcd); rm /tmp/virtlxcd',
  },
  {
    name: 'forwards',
    fault: 'the kernel is strict about the way back on an uplink that is none',
    severity: 'something',
    says: /^rp_filter of eth9: it is 1 \(strict\)/,
    break:
      'ip link add eth9 type veth peer name eth9p; ip addr add 203.0.113.9/24 dev eth9; ip link set eth9 up; ip link set eth9p up; echo 1 >/proc/sys/net/ipv4/conf/eth9/rp_filter; sed -i \'s/"8080:80"/"8080:80", "203.0.113.9:81:80"/\' /etc/guestgate/guestgate.toml; guestgate apply >/dev/null',
    reached: true,
    after:
      'sed -i \'s/, "203.0.113.9:81:80"//\' /etc/guestgate/guestgate.toml; guestgate apply >/dev/null; ip link del eth9',
  },
  {
    name: 'ways-back',
    fault: 'answers leave by another uplink than connections come in by',
    severity: 'something',
    says: /^qemu guest "web": distant clients that come in by eth9 get no answer from 192\.168\.122\.41: its answers leave by eth0/,
    break:
      'ip link add eth9 type veth peer name eth9p; ip addr add 203.0.113.9/24 dev eth9; ip link set eth9 up; ip link set eth9p up; ip route add default via 203.0.113.10 dev eth9 table 109',
    reached: true,
    fixIsManual: true,
    after: 'ip link del eth9',
  },
  {
    name: 'isolated-networks',
    fault: "a guest of an isolated network's sees clients' own addresses",
    severity: 'something',
    says: /^qemu guest "web": network "default" is isolated, and gives its guests no router: 192\.168\.122\.41 cannot answer clients/,
    break:
      "cp /run/libvirt/network/default.xml /tmp/default.xml; sed -i '/<forward/d' /run/libvirt/network/default.xml",
    reached: true,
    fixIsManual: true,
    after: 'cp /tmp/default.xml /run/libvirt/network/default.xml',
  },
  {
    name: 'forward-policy',
    fault: "FORWARD's policy is DROP and nobody admits the guests' own connections",
    severity: 'something',
    says: /^iptables-nft FORWARD: the policy is DROP \(IPv4; Docker sets it\): .* virbr0 cannot open connections/,
    break:
      'iptables -P FORWARD DROP; for c in LIBVIRT_FWX LIBVIRT_FWI LIBVIRT_FWO; do iptables -D FORWARD -j $c; done',
    reached: true,
    after:
      'iptables -P FORWARD ACCEPT; iptables -F FORWARD; for c in LIBVIRT_FWX LIBVIRT_FWI LIBVIRT_FWO; do iptables -A FORWARD -j $c; done',
  },
  {
    name: 'host-addresses',
    fault: 'an address is not on this host',
    severity: 'something',
    says: /^203\.0\.113\.77: guest "web" uses it, and no active interface has it/,
    break:
      'sed -i \'s/"8080:80"/"8080:80", "203.0.113.77:81:80"/\' /etc/guestgate/guestgate.toml; guestgate apply >/dev/null',
    reached: true,
    after:
      'sed -i \'s/, "203.0.113.77:81:80"//\' /etc/guestgate/guestgate.toml; guestgate apply >/dev/null; ip addr del 203.0.113.77/32 dev eth0',
  },
  {
    name: 'guests-down',
    fault: 'a guest with a policy does not run',
    severity: 'something',
    says: /^qemu guest "sleeper": it does not run/,
    break: `printf '[guest.sleeper]\naddress = "192.168.122.42"\nforward = ["9090:80"]\n' >>/etc/guestgate/guestgate.toml`,
    reached: true,
    after: sleeperGoes,
  },
  {
    name: 'guests-down',
    fault: 'libvirt knows no guest of a name in the configuration',
    severity: 'something',
    says: /^guest "wbe": the configuration has a policy for it, and libvirt knows no guest of that name \(it knows .*"web".*\)$/,
    break: `printf '[guest.wbe]\nforward = ["9090:80"]\n' >>/etc/guestgate/guestgate.toml`,
    reached: true,
    fixIsManual: true,
    after: "sed -i '/guest.wbe/,$d' /etc/guestgate/guestgate.toml",
  },
  {
    name: 'leases',
    fault: 'a guest has no lease',
    severity: 'something',
    says: /^qemu guest "sleeper": it has no DHCP lease yet/,
    break: `printf '[guest.sleeper]\nforward = ["9090:80"]\n' >>/etc/guestgate/guestgate.toml; mkdir -p /var/lib/libvirt/dnsmasq; virsh start sleeper 2>/dev/null`,
    reached: true,
    after: sleeperGoes,
  },
  {
    name: 'guest-firewall',
    fault: "the guest's own firewall drops",
    severity: 'something',
    says: /^qemu guest "web": 192\.168\.122\.41:80\/tcp does not answer the host: the guest's own firewall drops/,
    break: `ip netns exec guest1 nft 'table inet own { chain input { type filter hook input priority 0; tcp dport 80 drop; }; }'
      echo 'ip netns exec guest1 nft flush ruleset' >/tmp/console`,
  },
  {
    name: 'guest-firewall',
    fault: 'nothing listens in the guest',
    severity: 'something',
    says: /^qemu guest "web": 192\.168\.122\.41:81\/tcp refuses connections from the host/,
    break: `sed -i 's/"8080:80"/"8080:80", "8181:81"/' /etc/guestgate/guestgate.toml; guestgate apply >/dev/null
      echo 'ip netns exec guest1 socat TCP-LISTEN:81,fork,reuseaddr EXEC:true >/dev/null 2>&1 </dev/null &
        until ip netns exec guest1 ss -Hltn "sport = :81" | grep -q .; do sleep 0.05; done' >/tmp/console`,
    reached: true,
    after: `sed -i 's/, "8181:81"//' /etc/guestgate/guestgate.toml; guestgate apply >/dev/null`,
  },
  {
    name: 'listeners',
    fault: 'a program of the host listens at a forwarded port',
    severity: 'later',
    says: /^socat \(process \d+\): it listens at 0\.0\.0\.0:8443\/tcp, and the forward to guest "web" hides that service/,
    break: `(socat TCP4-LISTEN:8443,fork EXEC:true >/dev/null 2>&1 </dev/null & echo $! >/tmp/socat.pid)
      until ss -Hltn "sport = :8443" | grep -q .; do sleep 0.05; done
      guestgate publish web 8443:80 >/dev/null`,
    reached: true,
    after: 'kill $(cat /tmp/socat.pid)',
  },
  {
    name: 'shared-listeners',
    fault: 'a program of the host listens among the ports by which guests leave',
    severity: 'later',
    says: /^socat \(process \d+\): it listens at 0\.0\.0\.0:51820\/udp, within the ports 32768-60999, by which guests leave with 198\.51\.100\.11/,
    break: `(socat UDP4-RECVFROM:51820,fork EXEC:true >/dev/null 2>&1 </dev/null & echo $! >/tmp/socat.pid)
      until ss -Hlun "sport = :51820" | grep -q .; do sleep 0.05; done
      sed -i 's/^forward = /snat = "198.51.100.11"\\nforward = /' /etc/guestgate/guestgate.toml; guestgate apply >/dev/null`,
    reached: true,
    fixIsManual: true,
    after: `kill $(cat /tmp/socat.pid); sed -i '/^snat = /d' /etc/guestgate/guestgate.toml; guestgate apply >/dev/null`,
  },
  {
    name: 'libvirtd',
    fault: 'libvirtd runs since before the hook was put there',
    severity: 'everything',
    says: /^libvirtd \(process \d+\): it started before \/etc\/libvirt\/hooks\/qemu was installed/,
    // Both times are known to a second and less: the hook has to be the younger one.
    break: `cp /bin/sleep /tmp/libvirtd; (/tmp/libvirtd 1000 >/dev/null 2>&1 </dev/null & echo $! >/tmp/libvirtd.pid); sleep 1.5
      rm /etc/libvirt/hooks/qemu; ln -s /usr/bin/guestgate /etc/libvirt/hooks/qemu`,
    reached: true,
    after: 'kill $(cat /tmp/libvirtd.pid)',
  },
  {
    name: 'libvirt-backend',
    fault: "rules of libvirt's other back end are left over",
    severity: 'later',
    says: /^libvirt: it has rules in iptables and in nftables: those in nftables are left over/,
    break: `nft 'table ip libvirt_network { chain forward { type filter hook forward priority 0; }; }; table ip6 libvirt_network { }'; guestgate replay >/dev/null`,
    reached: true,
  },
];

/** As much of virsh as the commands need: a guest that is started has its status file, and its hook is called. */
function virsh(): string {
  const sleeper = lab.addGuest('sleeper');
  lab.host.write('/tmp/sleeper.status', lab.status(sleeper));
  lab.host.write('/tmp/sleeper.xml', lab.xml(sleeper, 'started'));
  lab.host.write('/etc/libvirt/qemu/sleeper.xml', lab.xml(sleeper, 'prepare'));
  const start =
    'cp /tmp/sleeper.status /run/libvirt/qemu/sleeper.xml; /etc/libvirt/hooks/qemu sleeper started begin - </tmp/sleeper.xml';
  const reserve = `sed -i "s#</dhcp>#$(echo "$5" | sed 's/ADDRESS/${sleeper.address}/')</dhcp>#" /run/libvirt/network/default.xml`;
  return `case "$1" in start) ${start} ;; net-update) ${reserve} ;; esac\n`;
}

describe('it names what is broken, and its command fixes it', () => {
  test.each(someOf(faults, 8).map((one) => [`${one.name}: ${one.fault}`, one] as const))('%s', (_, fault) => {
    lab.host.sh(fault.break);
    const found = diagnose();
    expect(reached()).toBe(fault.reached === true);
    const [finding] = found.filter(({ name }) => name === fault.name);
    expect(found.map(({ name }) => name)).toContain(fault.name);
    expect(finding?.severity).toBe(fault.severity);
    expect(finding?.what).toMatch(fault.says);
    lab.host.sh(finding?.fix ?? '');
    expect(reached()).toBe(true);
    if (fault.fixIsManual !== true) expect(diagnose().filter(({ name }) => name === fault.name)).toEqual([]);
    lab.host.sh(fault.after ?? '');
    lab.host.sh('guestgate replay >/dev/null');
    expect(diagnose()).toEqual([]);
  });
});
