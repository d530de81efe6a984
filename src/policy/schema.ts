import * as v from 'valibot';
import { accesses } from '../model/access.ts';
import { grantedKeys } from '../model/policy.ts';

const text = v.pipe(v.string('must be a quoted string'), v.trim());
const mustBePort = 'must be a port: 443, "443" or "60000-60010"';
const port = v.union([text, v.pipe(v.number(), v.integer(mustBePort))], mustBePort);
/** A text in attributes of XML. */
const number = v.union(
  [text, v.pipe(v.number(), v.integer('must be a whole number: 20'))],
  'must be a number: 20',
);
const loopback = v.boolean('must be true or false');
const masquerade = v.boolean('must be true or false');
const list = v.array(text, 'must be a list of strings: ["a", "b"]');
const textOrList = v.union([text, list], 'must be a string or a list of strings');

/** Which of a guest's interfaces: one of the three at most. */
const interfaceEntries = {
  network: v.pipe(text, v.nonEmpty('must be the name of a network')),
  mac: v.pipe(
    text,
    v.toLowerCase(),
    v.regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/, 'must be a MAC address: "52:54:00:aa:bb:01"'),
  ),
  nic: v.pipe(
    v.number('must be a number: 2 is the second <interface>'),
    v.integer('must be a whole number'),
    v.minValue(1, 'counts from 1'),
  ),
};

/** A table's keys and the type of each; every key is optional unless `required` names it. */
export const forwardEntries = {
  host: text,
  port,
  to: port,
  protocol: text,
  from: textOrList,
  rate: text,
  connections: number,
  loopback,
  masquerade,
  uplink: v.pipe(text, v.nonEmpty('must be the name of an interface of the host')),
  ...interfaceEntries,
};

export const openPortEntries = {
  port,
  address: text,
  protocol: text,
  from: textOrList,
  rate: text,
  connections: number,
};

export const guestEntries = {
  address: textOrList,
  ...interfaceEntries,
  /** Each entry is parsed on its own, so that a problem names it exactly. */
  forward: v.union([text, v.array(v.unknown())], 'must be a list of forwards: ["8443:443"]'),
  open: v.union([port, v.array(v.unknown())], 'must be a list of ports: ["443", "22/tcp"]'),
  public_address: textOrList,
  snat: textOrList,
  allow_from: textOrList,
  deny_from: textOrList,
  loopback,
  masquerade,
  absent: v.picklist(['drop', 'host'], 'must be "drop" or "host"'),
  access: v.picklist(accesses, 'must be "open", "inbound", "host" or "none"'),
  egress: textOrList,
  antispoof: v.boolean('must be true or false'),
  isolated: v.boolean('must be true or false'),
  on_error: v.picklist(['deny', 'start'], 'must be "deny" or "start"'),
};

/** As systemd.network(5) has them (IPMasquerade=). */
const masqueradedFamilies = ['ipv4', 'ipv6', 'both'] as const;

export const networkEntries = {
  snat: textOrList,
  access: v.picklist(accesses, 'must be "open", "inbound", "host" or "none"'),
  forward: v.boolean('must be true or false'),
  masquerade: v.union(
    [v.boolean(), v.picklist(masqueradedFamilies)],
    'must be true, false, "ipv4", "ipv6" or "both"',
  ),
  uplink: textOrList,
  services: v.array(port, 'must be a list: ["dhcp", "dns", "123/udp"]'),
  isolated: v.boolean('must be true or false'),
};

const limit = v.pipe(
  v.number('must be a number: 64'),
  v.integer('must be a whole number: 64'),
  v.minValue(0, 'must not be negative'),
);

/** How large a policy may be. */
export const limitEntries = { forwards: limit, shifted_ports: limit, sources: limit };

const limits = v.looseObject({}, 'must be a table: { forwards = 64 }');
const ports = v.array(port, 'must be a list of ports: ["22", "8000-8010/tcp"]');

export const metadataEntries = {
  guests: textOrList,
  keys: v.array(
    v.picklist(grantedKeys, `must be one of ${grantedKeys.map((key) => `"${key}"`).join(', ')}`),
    'must be a list of keys: ["open"]',
  ),
  ports,
  addresses: textOrList,
};

export const protectEntries = {
  ping_rate: text,
  ping_size: v.pipe(
    v.number('must be a number of bytes: 1000'),
    v.integer('must be a whole number: 1000'),
    v.minValue(0, 'must not be negative'),
    v.maxValue(65_507, 'must be at most 65507: no packet holds more'),
  ),
  icmp: v.picklist(['all', 'needed'], 'must be "all" or "needed"'),
  reject: ports,
  ssh_from: textOrList,
  ssh_ports: ports,
  log: text,
};

export const hostEntries = {
  interface: textOrList,
  address: textOrList,
  backend: v.picklist(['auto', 'nftables', 'iptables'], 'must be "auto", "nftables" or "iptables"'),
  deny_from: textOrList,
  /** The entries of a table are read on their own, so that a problem names each exactly. */
  metadata: v.union(
    [v.boolean(), v.record(v.string(), v.unknown())],
    'must be true, false or a table: [host.metadata]',
  ),
  vif_rules: v.picklist(['top', 'bottom'], 'must be "top" or "bottom"'),
  reserved: ports,
  protect: v.looseObject({}, 'must be a table: [host.protect]'),
  mark: v.pipe(v.number('must be a number: 0x10000000'), v.integer('must be a whole number: 0x10000000')),
  limits,
  metadata_limits: limits,
};

/** The tables of a configuration file. */
export const topLevelTables = ['host', 'guest', 'network'];
