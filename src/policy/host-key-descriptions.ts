import { defaultHostPolicy } from '../model/policy.ts';
import { mostRanges } from './kernel-work.ts';
import type { Descriptions } from './key-description.ts';
import type { hostEntries, limitEntries, metadataEntries, protectEntries } from './schema.ts';

export const hostKeys: Descriptions<typeof hostEntries> = {
  interface: {
    text:
      'The public interfaces. Connections from outside reach a forward without an address only through them, at every address ' +
      'that they have at the time. The host and its guests reach it at all addresses of the host. Without this key every ' +
      "interface counts; the default route's interface is used for a `snat` or `public_address` that no interface has had since boot. " +
      'List names, not patterns. An interface may come later.',
    example: '["eth0", "eth1"]',
  },
  address: {
    default: 'all addresses of the host',
    text: 'The host addresses of forwards without an address. Overrides `interface`.',
    example: '"203.0.113.10"',
  },
  backend: {
    default: '`"auto"`',
    text:
      'What guestgate makes rules with. `auto` is nftables if the host has `nft` and the kernel accepts our chains, and iptables ' +
      'otherwise; the log says why. guestgate asks once per boot, and again at the next event if `nft` fails for another reason. ' +
      "`iptables` is the variant, nft or legacy, of the host's `iptables-restore`. " +
      '`guestgate apply` moves running guests to another back end and keeps their forwards open.',
    example: '"iptables"',
  },
  metadata: {
    default: '`true`',
    text:
      "Whether guestgate reads policies from a domain's XML. As a table, `[host.metadata]`, it grants such policies more than " +
      'forwards of unreserved ports.',
    example: 'false',
  },
  deny_from: {
    default: 'no source',
    text: 'Networks or addresses that can reach no guest of a policy: as `deny_from` of each guest.',
    example: '["198.51.100.7", "2001:db8:bad::/48"]',
  },
  vif_rules: {
    default: '`"top"`',
    text:
      'The place of the accepts for bridged Xen guests in the `FORWARD` chain of iptables: ahead of all other rules, or behind ' +
      'them. They exist only while `net.bridge.bridge-nf-call-iptables` is 1.',
    example: '"bottom"',
  },
  reserved: {
    default: '22, and the ports on which the host listens',
    text:
      "Host ports that a forward in a domain's XML cannot take, unless `[host.metadata]` grants them. Forwards in files can. " +
      'The list replaces the default.',
    example: '["22", "8000-8010/tcp"]',
  },
  protect: {
    default: 'no protection',
    text: 'What the host itself takes from others. The table is `[host.protect]`.',
    example: '{ reject = ["25"] }',
  },
  mark: {
    default: '`0x10000000`',
    text: 'The bit of the connection mark that guestgate uses. A single bit of 32.',
    example: '0x20000000',
  },
  limits: {
    default: 'see [Limits](#limits)',
    text: 'How large the policy of a guest can be.',
    example: '{ forwards = 20000 }',
  },
  metadata_limits: {
    default: 'see [Limits](#limits)',
    text: "How large the part of a guest's policy can be that is in its domain's XML.",
    example: '{ forwards = 10, shifted_ports = 0 }',
  },
};

const ofFilesAndMetadata = (files: number, metadata: number) =>
  `\`${files}\`, in \`metadata_limits\` \`${metadata}\``;
const { limits, metadataLimits } = defaultHostPolicy;

export const limitKeys: Descriptions<typeof limitEntries> = {
  forwards: {
    default: ofFilesAndMetadata(limits.forwards, metadataLimits.forwards),
    text:
      'Forwards, open ports and public addresses together. A range counts once, each protocol counts. ' +
      `Whatever this says, more than ${mostRanges} ranges of ports are too large a policy, and so are as many ports with sources, ` +
      'limits or `masquerade`.',
    example: '100',
  },
  shifted_ports: {
    default: ofFilesAndMetadata(limits.shiftedPorts, metadataLimits.shiftedPorts),
    text:
      'The ports of all shifted ranges together (`"9000-9002:80-82"` has three): each is an entry of its own in the kernel. ' +
      'A range to the same ports does not count.',
    example: '2000',
  },
  sources: {
    default: ofFilesAndMetadata(limits.sources, metadataLimits.sources),
    text:
      'The networks in `allow_from`, `from` and `deny_from`. Those of `allow_from` count once for each forward, open port and ' +
      'public address that they hold for.',
    example: '5000',
  },
};

export const metadataKeys: Descriptions<typeof metadataEntries> = {
  guests: {
    default: 'all guests',
    text: 'The guests that get what this table grants, each as in `[guest.NAME]`.',
    example: '["web", "lxc:db"]',
  },
  keys: {
    default: '`[]`',
    text:
      'Keys that count in metadata besides `forward` and those that only restrict. `address` admits an address that no lease, ' +
      'reservation or network of libvirt confirms. `public_address` and `snat` also need the address in `addresses`, and ' +
      'give it to one guest at a time.',
    example: '["open"]',
  },
  ports: {
    default: '`[]`',
    text: 'Reserved ports that metadata may forward.',
    example: '["22", "8000-8010/tcp"]',
  },
  addresses: {
    default: '`[]`',
    text: 'Addresses that metadata may use besides the public addresses of the host.',
    example: '["203.0.113.12"]',
  },
};

export const protectKeys: Descriptions<typeof protectEntries> = {
  ping_rate: {
    default: 'no limit',
    text: 'How many echo requests the host answers, from all sources together; IPv4 and IPv6 count apart. It drops the others.',
    example: '"10/second"',
  },
  ping_size: {
    default: 'no limit',
    text: 'The most bytes of data in an echo request, as `ping -s` counts them. The host drops larger ones.',
    example: '1000',
  },
  icmp: {
    default: '`"all"`',
    text:
      '`needed`: the host drops ICMP that it can do without, such as redirects and timestamp requests. Path MTU discovery, errors, ' +
      'echo requests and replies, neighbour discovery, router advertisements and multicast listeners always pass.',
    example: '"needed"',
  },
  reject: {
    default: '`[]`',
    text:
      'Ports of the host itself that it refuses, with a reset or an ICMP error: `"25"` in tcp and udp, `"25/tcp"`, `"8000-8010/udp"`. ' +
      'A forward of the same port is not concerned.',
    example: '["25/tcp"]',
  },
  ssh_from: {
    default: 'all sources',
    text:
      'Networks or addresses that may open connections to `ssh_ports` of the host. A list with networks of only one family denies the ' +
      'other. Existing connections continue.',
    example: '["198.51.100.0/24", "2001:db8:7::/48"]',
  },
  ssh_ports: {
    default: '`["22"]`',
    text: 'The tcp ports that `ssh_from` is about.',
    example: '["22", "2222"]',
  },
  log: {
    default: 'no lines',
    text: 'How many of the packets that this table drops or refuses the kernel writes to its log, beginning with "guestgate refused".',
    example: '"10/minute"',
  },
};
