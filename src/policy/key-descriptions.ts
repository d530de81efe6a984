import type { Descriptions } from './key-description.ts';
import { nicKeys } from './port-key-descriptions.ts';
import type { guestEntries, networkEntries } from './schema.ts';

export const guestKeys: Descriptions<typeof guestEntries> = {
  address: {
    default: 'guestgate finds it',
    text: "The guest's address, or one per family. With `network`, `mac` or `nic` it must be in that interface's network.",
    example: '["192.168.122.41", "fd00:122::41"]',
  },
  network: {
    ...nicKeys.network,
    text: "guestgate looks for the guest's address on its interface on this libvirt network. Use one of `network`, `mac` and `nic`.",
  },
  mac: {
    ...nicKeys.mac,
    text: "guestgate looks for the guest's address on the interface with this MAC address.",
  },
  nic: {
    ...nicKeys.nic,
    text: "guestgate looks for the guest's address on the interface with this number; `1` is the first `<interface>` of its XML.",
  },
  forward: {
    text: 'Forwards from ports of the host to ports of the guest: strings or tables, see [Forwards](#forwards).',
    example: '["80", "8443:443"]',
  },
  open: {
    text:
      "Ports of the guest's own address that guestgate admits ahead of libvirt's reject and the host's filter, without translation: " +
      'strings or tables, see [Open ports](#open-ports). Clients need a route to the guest.',
    example: '["443", "22/tcp", "8000-8010/udp"]',
  },
  public_address: {
    text:
      'One-to-one: everything that arrives at these addresses goes to the guest, for every protocol, and the connections that the ' +
      'guest opens leave with the first address of their family. The host must have the address, or a route must lead it to the ' +
      'host. A forward at such an address, of any guest, comes first; forwards without an address come last.',
    example: '"203.0.113.12"',
  },
  snat: {
    text:
      'The address, or one per family, that connections of the guest leave with. `public_address` implies it; `snat` may select one ' +
      'of several public addresses. From any other address, TCP, UDP and SCTP leave by source ports 32768 to 60999: ports of the host, and ' +
      'forwards, are not taken from it.',
    example: '"203.0.113.11"',
  },
  allow_from: {
    default: 'all sources',
    text:
      "Networks or addresses that may use the guest's forwards, open ports and public addresses. guestgate drops packets of other " +
      'sources. If the list contains only IPv4 networks, all IPv6 access is denied, and vice versa. An empty list denies all. The ' +
      'host itself is always allowed.',
    example: '["198.51.100.0/24", "2001:db8:7::/48"]',
  },
  deny_from: {
    default: 'no source',
    text:
      'Networks or addresses that cannot reach the guest, whatever `allow_from` and `from` say: guestgate drops their packets to the guest, ' +
      'those of established connections included, and ends the connections that they have. Answers to connections that the guest opens ' +
      'still arrive. `deny_from` in `[host]` adds to it.',
    example: '["198.51.100.7", "2001:db8:bad::/48"]',
  },
  absent: {
    default: '`"drop"` with `allow_from`, otherwise `"host"`',
    text:
      "What happens to packets for the guest's public addresses while the guest does not run. With `drop`, guestgate drops them: only " +
      "the host itself reaches its services there, and forwards of other guests at such an address keep working. With `host`, the host's " +
      'own services get them, from all sources. The default never drops packets for the address that the host itself leaves with, or ' +
      'for the only address of a public interface: `guestgate check` notes it. Only in files, together with `public_address`.',
    example: '"drop"',
  },
  loopback: {
    default: '`false`',
    text:
      "Whether the host reaches the guest's forwards at `127.0.0.1`, too. While such a guest runs, its bridge routes `127.0.0.0/8` " +
      '(`route_localnet`), and guestgate drops what arrives to or from these addresses by any interface but `lo`. IPv4 only.',
    example: 'true',
  },
  masquerade: {
    default: '`false`',
    text:
      "Whether the guest sees the host's address as the source of connections to its forwards and public addresses. Use it for a guest " +
      "without a route back to clients, such as on libvirt's isolated networks. The guest does not see the clients' addresses then.",
    example: 'true',
  },
  access: {
    default: 'the strictest `access` of its networks, otherwise `open`',
    text:
      'With whom the guest may speak, see [confine a guest](../howto/confine-a-guest.md). With `open`, as the network allows. With `inbound`, ' +
      'only connections that are forwarded or opened come in, their answers go out, and the guest opens connections to `egress` and to DHCP and DNS of the host ' +
      'alone. With `host`, guest and host reach each other, and no one else. With `none`, its interfaces send and receive nothing. ' +
      'It is in place before the guest runs, implies `antispoof`, and makes `deny` the default of `on_error`. An invalid value counts as `none`.',
    example: '"inbound"',
  },
  egress: {
    default: 'nothing',
    text:
      'With `access = "inbound"`, the ports to which the guest may open connections: `PORT`, `NETWORK:PORT`, `[IPV6NETWORK]:PORT`, each with `/PROTOCOL`. ' +
      'A port without a network holds for all networks, those of other guests and the host included. At most 64 entries.',
    example: '["25/tcp", "192.0.2.0/24:443", "[2001:db8:7::/48]:443"]',
  },
  antispoof: {
    default: '`false`; Xen guests: what `ip=` says',
    text:
      'Whether the guest may send from its own MAC addresses and addresses alone, see [what a guest may send](../howto/check-what-a-guest-sends.md). ' +
      'guestgate drops everything else that arrives from its ports, in place before the guest runs. Its addresses are those that guestgate finds or ' +
      '`address` gives, and the link-local address that an interface makes of its MAC address.',
    example: 'true',
  },
  isolated: {
    default: 'the `isolated` of its networks, otherwise `false`',
    text:
      'Whether the bridge passes nothing between the ports of this guest and those of other guests that guestgate checks or isolates (of Xen: all), ' +
      'nor what the host routes back to it.',
    example: 'true',
  },
  on_error: {
    default: '`"start"`, with `access` other than `open` `"deny"`',
    text: 'With `deny`, the guest does not start if a part of its policy cannot be applied. With `start`, guestgate logs the problem.',
    example: '"deny"',
  },
};

export const networkKeys: Descriptions<typeof networkEntries> = {
  snat: {
    default: "`masquerade`; for a network of libvirt, libvirt's masquerading",
    text:
      "The address, or one per family, that connections of the network's guests leave with. A guest's own `snat` or " +
      '`public_address` overrides it. It is in place while the network runs, with or without guest policies. Existing connections ' +
      'keep their address. TCP, UDP and SCTP leave by source ports 32768 to 60999.',
    example: '"203.0.113.9"',
  },
  forward: {
    default:
      '`true` with `masquerade` or `snat` on an interface that libvirt does not run, otherwise `false`',
    text:
      "Whether guestgate admits the connections that the network's guests open through `uplink`, and their answers, ahead of the host's filter, " +
      'and, where bridged frames pass iptables, connections between its guests. See [a host without networks of libvirt](../howto/networks-without-libvirt.md).',
    example: 'true',
  },
  masquerade: {
    default: '`false`',
    text:
      'The families in which connections that the guests open leave with the address of the interface that they leave through: `"ipv4"`, `"ipv6"` or ' +
      '`"both"`; `true` is `"ipv4"`. A `snat` of the network or of the guest overrides it. TCP, UDP and SCTP leave by source ports 32768 to 60999.',
    example: 'true',
  },
  uplink: {
    default: '`interface` in `[host]`, otherwise the interface of the default route, in each family',
    text: 'The interfaces through which guests leave with `forward` and `masquerade`. List another network here to let its guests be reached from this one.',
    example: '["eth0", "wg0"]',
  },
  services: {
    default:
      '`["dhcp", "dns"]` with `forward`, `masquerade` or `snat` on an interface that libvirt does not run, otherwise `[]`',
    text: 'What the guests reach of the host ahead of its filter: `dhcp`, `dns`, or ports: `"123/udp"`, `"3142/tcp"`; a port without a protocol is one of tcp and udp.',
    example: '["dhcp", "dns", "123/udp"]',
  },
  isolated: {
    default: '`false`',
    text:
      'Whether the bridge passes nothing between the guests that guestgate knows of, nor what the host routes back to it, with or without policies of their own. ' +
      "A guest's own `isolated` overrides it.",
    example: 'true',
  },
  access: {
    default: '`"open"`',
    text:
      "The `access` of the network's guests whose `[guest.NAME]` gives none, with or without a policy of their own. It overrules metadata. A guest on " +
      'several networks has the strictest. A bridge counts by its name: `[network.br0]`.',
    example: '"inbound"',
  },
};
