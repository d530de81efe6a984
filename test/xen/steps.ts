import { isThorough } from '../support/thoroughness.ts';
import type { Step } from './machine.ts';

type Scripts = readonly (readonly [name: string, script: string])[];

/*
 *   client 203.0.113.1 --- (eth0) dom0 203.0.113.10 (xenbr0) 10.99.0.1 --- u1 10.99.0.2, u2 10.99.0.3
 */

/** The way of a guest from its start to its end, an interface that comes and goes, and what uninstall leaves. */
const begin: Scripts = [
  [
    'Xen loads the vector registers of a domain whenever it switches to it',
    `
    # Without, programs in dom0 fail at random: see the command line in machine.ts.
    xl dmesg | grep 'Support for PV VMs:.* EAGER_FPU'`,
  ],
  [
    'a host whose FORWARD drops what nobody accepts',
    `
    ip link add xenbr0 type bridge stp_state 0 forward_delay 0
    ip addr add 10.99.0.1/24 dev xenbr0; ip link set xenbr0 up
    ip netns add client; ip link add eth0 type veth peer name eth0 netns client
    ip addr add 203.0.113.10/24 dev eth0; ip link set eth0 up
    ip -n client link set lo up; ip -n client addr add 203.0.113.1/24 dev eth0; ip -n client link set eth0 up
    ip -n client route add default via 203.0.113.10
    echo 1 >/proc/sys/net/ipv4/ip_forward
    modprobe br_netfilter
    sysctl -w net.bridge.bridge-nf-call-iptables=1
    iptables -P FORWARD DROP
    iptables -A FORWARD -i xenbr0 -o eth0 -m comment --comment "guests may go out" -j ACCEPT
    iptables -A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
    iptables -t nat -A POSTROUTING -s 10.99.0.0/24 -o eth0 -j MASQUERADE
    # A firewall of its own, which has the modules loaded.
    nft -f - <<'END'
    table inet own {
      set ports { type inet_service; flags interval; elements = { 1-7 } }
      map to { type inet_service : ipv4_addr; elements = { 9 : 10.99.0.99 } }
      chain input {
        type filter hook input priority 0
        tcp dport @ports counter reject
        tcp dport 8 limit rate 5/second ct count over 1000 fib saddr type local drop
      }
      chain prerouting {
        type nat hook prerouting priority -90
        dnat ip to tcp dport map @to
      }
    }
    table bridge own {
      chain forward {
        type filter hook forward priority 0
        arp saddr ip 192.0.2.1 drop
      }
    }
END
    rules >/run/before
    cp -a /etc/xen/scripts /run/scripts
    mkdir -p /etc/guestgate
    printf '[guest.u1]\\nforward = ["8080:80"]\\n' >/etc/guestgate/guestgate.toml`,
  ],
  [
    "install puts its vif-common.sh in the place of Xen's",
    `
    guestgate install
    grep -q guestgate_vif_common= /etc/xen/scripts/vif-common.sh
    cmp /run/scripts/vif-common.sh /etc/xen/scripts/vif-common.sh.guestgate-stock
    for f in vif-bridge vif-route vif-nat xen-hotplug-common.sh; do cmp /run/scripts/$f /etc/xen/scripts/$f; done`,
  ],
  [
    'two guests are started at once, and their ports accepted',
    `
    create u1 10.99.0.2 bridge=xenbr0,mac=00:16:3e:00:00:02,ip=10.99.0.2 & first=$!
    create u2 10.99.0.3 bridge=xenbr0,mac=00:16:3e:00:00:03,ip=10.99.0.3 & second=$!
    wait $first; wait $second
    log; xl list; guestgate status
    for n in $(domain_of u1) $(domain_of u2); do
      [ "$(xenstore-read backend/vif/$n/0/hotplug-status)" = connected ]
      iptables-save -t filter | grep -e "-A GUESTGATE-VIFS -s 10.99.0.[23]/32 -m physdev --physdev-in vif$n.0 --physdev-is-bridged -j ACCEPT"
      iptables-save -t filter | grep -e "-A GUESTGATE-VIFS -m physdev --physdev-out vif$n.0 --physdev-is-bridged -j ACCEPT"
      nft list set bridge guestgate checked | grep vif$n.0
    done
    [ "$(iptables -S FORWARD 2 | head -n 1)" = "-A FORWARD -j GUESTGATE-VIFS" ]`,
  ],
  [
    "a guest's page is fetched through dom0's public address",
    `
    booted u1
    eventually 60 page u1`,
  ],
  [
    'neighbours reach each other, and the world',
    `
    booted u2
    eventually 60 answers 10.99.0.3
    in_guest 10.99.0.2 'ping -c1 -W5 10.99.0.3 && echo REACHED' | grep -x REACHED
    in_guest 10.99.0.3 'ping -c1 -W5 203.0.113.1 && echo REACHED' | grep -x REACHED`,
  ],
  [
    'not one spoofed packet reaches the other guest',
    `
    echoes() { in_guest 10.99.0.3 'grep Icmp: /proc/net/snmp | tail -n 1' | cut -d ' ' -f 10; }
    before=$(echoes)
    in_guest 10.99.0.2 'ip addr add 10.99.0.77/24 dev eth0; ping -c1 -W2 -I 10.99.0.77 10.99.0.3; ping -c1 -W5 -I 10.99.0.2 10.99.0.3'
    echo "before $before, after $(echoes)"
    [ $(echoes) -eq $((before + 1)) ]
    nft list chain bridge guestgate check_arp; nft list chain bridge guestgate check
    nft list chain bridge guestgate check | grep -E '^\\s+counter packets [1-9]'`,
  ],
  [
    'nor the world',
    `
    ip netns exec client nft 'table ip seen { set from { type ipv4_addr; flags dynamic; }
      chain in { type filter hook input priority 0; icmp type echo-request add @from { ip saddr }; }; }'
    iptables -t nat -D POSTROUTING -s 10.99.0.0/24 -o eth0 -j MASQUERADE
    in_guest 10.99.0.2 'ping -c1 -W2 -I 10.99.0.77 203.0.113.1; ping -c1 -W5 -I 10.99.0.2 203.0.113.1; ip addr del 10.99.0.77/24 dev eth0'
    iptables -t nat -A POSTROUTING -s 10.99.0.0/24 -o eth0 -j MASQUERADE
    ip netns exec client nft list set ip seen from | tee /run/seen
    grep -q 10.99.0.2 /run/seen
    refute grep 10.99.0.77 /run/seen`,
  ],
  [
    'an interface that is detached takes its rules along, and brings them back',
    `
    n=$(domain_of u1)
    xl network-detach u1 0
    eventually 20 refute is_ruled vif$n.0
    guestgate status
    refute page u1
    xl network-attach u1 bridge=xenbr0 mac=00:16:3e:00:00:02 ip=10.99.0.2
    log | tail -n 3; guestgate status
    eventually 30 page u1`,
  ],
];

/** What happens less often. Emulated, these take as long as all the others: `npm run test:xen` does them. */
const rarer: Scripts = [
  [
    'a guest that reboots itself comes back with all it had',
    `
    n=$(domain_of u1)
    in_guest 10.99.0.2 'sleep 1 && reboot -f &' || :
    booted u1 2
    [ "$(domain_of u1)" -ne $n ]
    eventually 60 page u1
    refute is_ruled vif$n.0
    guestgate check; guestgate status`,
  ],
  [
    'a guest is saved, and restored',
    `
    n=$(domain_of u2)
    xl save u2 /run/u2.saved
    refute is_ruled vif$n.0
    xl restore /run/u2.saved; rm /run/u2.saved
    log | tail -n 3
    nft list set bridge guestgate sources | grep 10.99.0.3
    eventually 30 answers 10.99.0.3
    guestgate check`,
  ],
  [
    'replay makes everything anew from what Xen knows',
    `
    nft delete table ip guestgate; nft delete table bridge guestgate; iptables -F GUESTGATE-VIFS; rm -rf /run/guestgate
    refute page u1
    guestgate replay
    page u1
    in_guest 10.99.0.2 'ping -c1 -W5 10.99.0.3 && echo REACHED' | grep -x REACHED
    guestgate check`,
  ],
  [
    'a guest whose policy says deny does not start without what it wants',
    `
    printf '[guest.u3]\\nforward = ["8080:80"]\\non_error = "deny"\\n' >/etc/guestgate/guests.d/u3.toml
    refute create u3 10.99.0.4 bridge=xenbr0,ip=10.99.0.4
    mv /run/last /run/refused; cat /run/refused; log | tail -n 3
    grep -q 'guestgate refuses' /run/refused
    grep -q 'is taken by libxl guest "u1"' /var/log/xen/xen-hotplug.log
    refute is_ruled 10.99.0.4
    rm /etc/guestgate/guests.d/u3.toml; page u1`,
  ],
  [
    'a guest that crashes leaves nothing behind',
    `
    n=$(domain_of u2)
    in_guest 10.99.0.3 'sleep 1 && echo c >/proc/sysrq-trigger &' || :
    gone() { [ -z "$(domain_of u2)" ]; }
    eventually 60 gone
    eventually 20 refute is_ruled vif$n.0`,
  ],
];

const end: Scripts = [
  [
    'after xl destroy nothing of the guest is left, and the ruleset is what it was',
    `
    xl destroy u1
    [ -z "$(domain_of u2)" ] || xl destroy u2
    refute is_ruled vif[0-9]
    # What stays, idle, is made of fixed names; uninstall takes it away, too.
    nft list ruleset | sed -n 's/^table \\(.* guestgate\\(_user\\)\\?\\) {/\\1/p' | while read -r table; do nft delete table $table; done
    iptables -D FORWARD -j GUESTGATE-FORWARD; iptables -F GUESTGATE-FORWARD; iptables -X GUESTGATE-FORWARD; iptables -X GUESTGATE-USER
    rules | diff /run/before -`,
  ],
  [
    "uninstall leaves the ruleset and Xen's scripts as they were",
    `
    flags=-p create u1 10.99.0.2 bridge=xenbr0,ip=10.99.0.2
    nft list ruleset | grep -q 'table bridge guestgate'
    guestgate uninstall
    xl destroy u1
    rules | diff /run/before -
    diff -r /run/scripts /etc/xen/scripts
    times() { (cd $1 && find . -type f -printf '%p %m %s %T@\\n' | sort); }
    diff <(times /run/scripts) <(times /etc/xen/scripts)`,
  ],
];

/** What is done in dom0, in this order: each builds upon those before. */
export const steps: readonly Step[] = [...begin, ...(isThorough ? rarer : []), ...end].map(
  ([name, script]) => ({
    name,
    script: `. /lab/functions.sh\n${script}\n`,
  }),
);
