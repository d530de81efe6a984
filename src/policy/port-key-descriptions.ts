import type { Descriptions } from './key-description.ts';
import type { forwardEntries, openPortEntries } from './schema.ts';

/** How a forward or a guest chooses one of the guest's interfaces. */
export const nicKeys: Descriptions<Pick<typeof forwardEntries, 'network' | 'mac' | 'nic'>> = {
  network: {
    text: "The guest's interface on this libvirt network. Use one of `network`, `mac` and `nic`.",
    example: '"dmz"',
  },
  mac: { text: "The guest's interface with this MAC address.", example: '"52:54:00:aa:bb:01"' },
  nic: {
    text: "The guest's interface with this number; `1` is the first `<interface>` of its XML.",
    example: '2',
  },
};

export const forwardKeys: Descriptions<typeof forwardEntries> = {
  host: { default: 'all addresses of the host', text: "The host's address.", example: '"203.0.113.11"' },
  port: { required: true, text: "The host's port or range.", example: '"8443"' },
  to: {
    default: 'the same port',
    text:
      "The guest's port or range. One of the guest's addresses may come before it: `192.168.122.50:443`, `[fd00:122::50]:443`. It must be in " +
      "the network of one of the guest's interfaces, or the host must have a route to it through the guest's bridge or port.",
    example: '"192.168.122.50:443"',
  },
  protocol: {
    default: '`"tcp"`',
    text: '`tcp`, `udp`, `sctp`, or several: `tcp+udp`.',
    example: '"tcp+udp"',
  },
  from: {
    default: "the guest's `allow_from`",
    text: 'Networks or addresses that may use this forward.',
    example: '["198.51.100.0/24"]',
  },
  rate: {
    default: 'no limit',
    text:
      'New connections from all sources together, per `second`, `minute` or `hour`. The same number is the burst. guestgate drops ' +
      'new connections over the limit; existing connections are unaffected.',
    example: '"10/second"',
  },
  connections: {
    default: 'no limit',
    text: 'Concurrent connections of one source address. Not with iptables-legacy: guestgate leaves such a forward out and reports it.',
    example: '20',
  },
  loopback: {
    default: "the guest's `loopback`",
    text: 'Whether the host reaches this forward at `127.0.0.1`, too.',
    example: 'true',
  },
  masquerade: {
    default: "the guest's `masquerade`",
    text: "Whether the guest sees the host's address as the source of connections to this forward.",
    example: 'true',
  },
  uplink: {
    default: 'all interfaces',
    text:
      'An interface of the host: the forward is reached at the addresses that this interface has, and at no other address. Guests can have the ' +
      'same port on different uplinks. guestgate follows the addresses as it follows uplinks. Not together with `host`.',
    example: '"eth1"',
  },
  ...nicKeys,
};

export const openPortKeys: Descriptions<typeof openPortEntries> = {
  port: { required: true, text: "The guest's port or range.", example: '"443"' },
  address: {
    default: 'all addresses of the guest that are known',
    text: "One of the guest's addresses: in the network of one of its interfaces, or routed to the guest's bridge or port.",
    example: '"203.0.113.50"',
  },
  protocol: forwardKeys.protocol,
  from: { ...forwardKeys.from, text: 'Networks or addresses that may use this port.' },
  rate: forwardKeys.rate,
  connections: forwardKeys.connections,
};
