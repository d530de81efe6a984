import { libvirtRules } from './foreign-rules.ts';
import type { HostSoftware } from './host-software.ts';
import type { Lab } from './lab.ts';

/** Something that happens on a host and calls no hook. In the order in which they follow each other on one host. */
export interface HostEvent<Means extends unknown[]> {
  readonly software: string;
  readonly event: string;
  readonly happen: (lab: Lab, ...means: Means) => void | Promise<void>;
}

const wholeFile = `flush ruleset
table inet filter {
	chain input { type filter hook input priority filter; policy accept; }
	chain forward { type filter hook forward priority filter; policy accept; }
}
`;

const script = (software: string, event: string, text = event): HostEvent<[]> => ({
  software,
  event,
  happen: (lab) => void lab.host.sh(text),
});

export const commandEvents: readonly HostEvent<[]>[] = [
  script('nftables', 'nft flush ruleset'),
  {
    software: 'nftables',
    event: 'systemctl restart nftables (a whole file that begins with flush ruleset)',
    happen: (lab) => void lab.host.run('nft', ['-f', '-'], { input: wholeFile }),
  },
  script('nftables', 'our table deleted', 'nft delete table ip guestgate'),
  script('nftables', 'our map flushed', 'nft flush map ip guestgate forward_any'),
  script(
    'nftables',
    'one of our entries deleted',
    "nft 'delete element ip guestgate forward_any { udp . 7777 }'",
  ),
  script('nftables', 'one of our chains flushed', 'nft flush chain ip guestgate translate'),
  script('iptables', 'iptables -F'),
  script('iptables', 'iptables -P FORWARD DROP, then -F', 'iptables -P FORWARD DROP; iptables -F FORWARD'),
  script('iptables', 'iptables -I FORWARD -j REJECT'),
  {
    software: 'iptables',
    event: "libvirt's jumps inserted above ours",
    happen: (lab) => libvirtRules[0]?.reload(lab),
  },
  script('iptables', 'iptables-legacy -P FORWARD DROP'),
  script(
    'iptables',
    'iptables-legacy -F, then -I FORWARD -j REJECT',
    'iptables-legacy -F; iptables-legacy -I FORWARD -j REJECT',
  ),
];

/** iptables-legacy's rules would stay in the way of those who do not look for them. */
const noLegacy = (lab: Lab) =>
  lab.host.sh('iptables-legacy -F; iptables-legacy -P FORWARD ACCEPT; iptables -P FORWARD ACCEPT');

export const programEvents: readonly HostEvent<[HostSoftware]>[] = [
  {
    software: 'ufw',
    event: 'ufw enable',
    happen: (lab, software) => {
      noLegacy(lab);
      software.ufw('enable');
    },
  },
  { software: 'ufw', event: 'ufw reload', happen: (_, software) => software.ufw('reload') },
  { software: 'ufw', event: 'ufw disable', happen: (_, software) => software.ufw('disable') },
  { software: 'Docker', event: 'dockerd starts', happen: (_, software) => software.startDockerd() },
  {
    software: 'Docker',
    event: 'dockerd restarts',
    happen: async (_, software) => {
      await software.stopDockerd();
      await software.startDockerd();
    },
  },
  { software: 'Docker', event: 'dockerd ends', happen: (_, software) => software.stopDockerd() },
  { software: 'firewalld', event: 'firewalld starts', happen: (_, software) => software.startFirewalld() },
  {
    software: 'firewalld',
    event: 'firewall-cmd --reload',
    happen: (_, software) => software.firewallCmd('--reload'),
  },
  {
    software: 'firewalld',
    event: 'firewall-cmd --complete-reload',
    happen: (_, software) => software.firewallCmd('--complete-reload'),
  },
  { software: 'firewalld', event: 'firewalld ends', happen: (_, software) => software.stopFirewalld() },
];
