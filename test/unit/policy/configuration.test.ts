import { describe, expect, test } from 'vitest';
import { defaultHostPolicy } from '../../../src/model/policy.ts';
import { formatProblem, type Problem } from '../../../src/model/problem.ts';
import { parseConfiguration } from '../../../src/policy/configuration.ts';
import { lineOf } from '../../../src/policy/toml-lines.ts';

const main = '/g.toml';
const parse = (text: string) => parseConfiguration([{ path: main, text }], main);

/** Problems as `check` prints them. */
function told(text: string): string[] {
  return parse(text).problems.map(({ path, ...problem }: Problem) =>
    formatProblem(
      path === undefined ? problem : { ...problem, where: `${problem.where}:${lineOf(text, path)}` },
    ),
  );
}

test('the example of the design', () => {
  const { host, guests, problems } = parse(`
[host]
interface = "eth0"
address = "203.0.113.10"
backend = "auto"
metadata = true
reserved = ["22", 8006, "8000-8010/tcp"]

[guest.web]
address = "192.168.122.41"
forward = ["80", "8443:443", "203.0.113.11:53:53/udp", "60000-60010/udp"]
allow_from = ["198.51.100.0/24", "198.51.100.7"]

[guest.mail]
public_address = "203.0.113.12"
`);
  expect(problems).toEqual([]);
  expect(host).toEqual({
    interfaces: ['eth0'],
    addresses: ['203.0.113.10'],
    backend: 'auto',
    metadata: true,
    reserved: [
      { ports: { first: 22, last: 22 } },
      { ports: { first: 8006, last: 8006 } },
      { ports: { first: 8000, last: 8010 }, protocol: 'tcp' },
    ],
    mark: 0x10000000,
    limits: defaultHostPolicy.limits,
    metadataLimits: defaultHostPolicy.metadataLimits,
  });
  expect(guests.get('mail')?.policy).toEqual({ publicAddresses: ['203.0.113.12'] });
  const web = guests.get('web')?.policy;
  expect(web).toMatchObject({ addresses: ['192.168.122.41'], allowFrom: ['198.51.100.0/24'] });
  expect(web?.forwards?.map(({ text }) => text)).toEqual([
    '80',
    '8443:443',
    '203.0.113.11:53:53/udp',
    '60000-60010/udp',
  ]);
});

test('nothing is a configuration, too', () => {
  expect(parseConfiguration([], main)).toMatchObject({
    host: defaultHostPolicy,
    problems: [],
    hostUnknown: [],
    unread: [],
  });
  expect(parse('')).toMatchObject({ host: defaultHostPolicy, problems: [] });
});

test('both families, and what is open', () => {
  const { guests, problems } = parse(`
[guest.a]
address = ["192.168.122.41", "FD00:122::0041"]
public_address = ["203.0.113.12", "2001:db8::12"]
snat = "2001:db8::12"
forward = ["[2001:db8::1]:8443:443", { host = "2001:db8::1", port = 53, protocol = "udp+tcp" }]
open = [443, "22/sctp", "8000-8010/udp", { port = "53", protocol = "tcp+udp", from = ["2001:db8:7::9/48", "10.0.0.1"] }]
allow_from = ["198.51.100.0/24", "2001:db8::/32"]
[guest.b]
open = "443"
`);
  expect(problems).toEqual([]);
  const port = (first: number, last = first) => ({ first, last });
  const from = ['10.0.0.1/32', '2001:db8:7::/48'];
  expect(guests.get('a')?.policy).toEqual({
    addresses: ['192.168.122.41', 'fd00:122::41'],
    publicAddresses: ['203.0.113.12', '2001:db8::12'],
    snat: ['2001:db8::12'],
    forwards: [
      { host: '2001:db8::1', protocol: 'tcp', ports: port(8443), to: 443, text: '[2001:db8::1]:8443:443' },
      { host: '2001:db8::1', protocol: 'udp', ports: port(53), to: 53, text: '[2001:db8::1]:53:53/udp' },
      { host: '2001:db8::1', protocol: 'tcp', ports: port(53), to: 53, text: '[2001:db8::1]:53:53/tcp' },
    ],
    open: [
      { protocol: 'tcp', ports: port(443), text: '443' },
      { protocol: 'sctp', ports: port(22), text: '22/sctp' },
      { protocol: 'udp', ports: port(8000, 8010), text: '8000-8010/udp' },
      { protocol: 'tcp', ports: port(53), from, text: '53/tcp' },
      { protocol: 'udp', ports: port(53), from, text: '53/udp' },
    ],
    allowFrom: ['198.51.100.0/24', '2001:db8::/32'],
  });
  expect(guests.get('b')?.policy.open).toMatchObject([{ protocol: 'tcp', ports: port(443) }]);
});

test('forwards as tables', () => {
  const { guests, problems } = parse(
    '[guest.a]\nforward = [{ host = "203.0.113.1", port = "8443", to = 443, protocol = "tcp", from = "10.0.0.0/8" }, { port = 80, from = [] }]\n',
  );
  expect(problems).toEqual([]);
  expect(guests.get('a')?.policy.forwards).toEqual([
    {
      host: '203.0.113.1',
      protocol: 'tcp',
      ports: { first: 8443, last: 8443 },
      to: 443,
      from: ['10.0.0.0/8'],
      text: '203.0.113.1:8443:443/tcp',
    },
    { host: 'any', protocol: 'tcp', ports: { first: 80, last: 80 }, to: 80, from: [], text: '80:80/tcp' },
  ]);
});

test('limits of forwards and open ports', () => {
  const { guests, problems } = parse(
    '[guest.a]\nforward = [{ port = 80, rate = "10/second", connections = 20 }, { port = "53", protocol = "tcp+udp", rate = "5 / hour" }]\nopen = [{ port = 22, connections = "3" }]\n',
  );
  expect(problems).toEqual([]);
  expect(guests.get('a')?.policy).toMatchObject({
    forwards: [
      { rate: { connections: 10, per: 'second' }, connections: 20 },
      { protocol: 'tcp', rate: { connections: 5, per: 'hour' } },
      { protocol: 'udp', rate: { connections: 5, per: 'hour' } },
    ],
    open: [{ connections: 3 }],
  });
});

test('loopback, of a guest and of a forward', () => {
  const { guests, problems } = parse(
    '[guest.a]\nloopback = true\nforward = ["80", { port = 81, loopback = false }, { port = 82, loopback = true }, "[2001:db8::1]:83:83"]\n',
  );
  expect(problems).toEqual([]);
  expect(guests.get('a')?.policy.loopback).toBe(true);
  expect(guests.get('a')?.policy.forwards?.map(({ loopback }) => loopback)).toEqual([
    undefined,
    false,
    true,
    undefined,
  ]);
  expect(told('[guest.a]\nforward = [{ port = 80, host = "2001:db8::1", loopback = true }]')).toEqual([
    expect.stringMatching(
      /:2: loopback: the forward has an IPv6 address \(the kernel sends nothing from ::1/,
    ),
  ]);
});

test('all problems together, each with its line and its fix', () => {
  const text = `[host]
intreface = "eth0"
backend = "ipfw"
reserved = ["22", "x"]
mark = 3

[guest.web]
adress = "1.2.3.4"
forward = [
  "80",
  "8443:443:1:2",
  { prot = 80 },
  { port = 80, from = ["x"] },
]
allow_from = ["10.0.0.0/8", "10.0.0.0/99"]

[guest."a b".forward]

[gust.x]
`;
  const lines = told(text);
  const expected = [
    /^\/g\.toml:2: unknown key "intreface" \(did you mean "interface"\?\)$/,
    /^\/g\.toml:3: backend: must be "auto", "nftables" or "iptables"$/,
    /^\/g\.toml:4: reserved: invalid port "x"/,
    /^\/g\.toml:5: mark: 3 is not a single bit of 32/,
    /^\/g\.toml:8: unknown key "adress" \(did you mean "address"\?\)$/,
    /^\/g\.toml:11: forward: /,
    /^\/g\.toml:12: unknown key "prot" \(did you mean "port"\?\)$/,
    /^\/g\.toml:12: port is missing/,
    /^\/g\.toml:13: from: invalid network "x"/,
    /^\/g\.toml:15: allow_from: invalid network "10\.0\.0\.0\/99"/,
    /^\/g\.toml:17: forward: must be a list of forwards/,
    /^\/g\.toml:19: unknown key "gust" \(did you mean "guest"\?\)$/,
  ];
  for (const pattern of expected) expect(lines).toContainEqual(expect.stringMatching(pattern));
  expect(lines).toHaveLength(expected.length);
});

test.each([
  ['guest = 1', /:1: must be tables: \[guest\.NAME\]/],
  ['guest = 1979-05-27', /:1: must be tables/],
  ['guest = []', /:1: must be tables/],
  ['[guest]\na = 1', /:2: must be a table/],
  ['[guest]\na = 1979-05-27', /:2: must be a table/],
  ['host = 07:32:00', /:1: must be a table/],
  ['host = []', /:1: must be a table/],
  ['[host]\nmark = 0', /:2: mark: 0 is not a single bit/],
  ['[host]\nmark = 0x200000000', /:2: mark/],
  ['[host]\nmark = 1.5', /:2: mark: must be a whole number/],
  ['[host]\nmark = nan', /:2: mark/],
  ['[host]\nmetadata = "yes"', /:2: metadata: must be true, false or a table/],
  ['[host]\ninterface = "eth*"', /:2: "eth\*" is a pattern, not a name .list each interface/],
  ['[host]\ninterface = ["ppp+"]', /:2: "ppp\+" is a pattern, not a name .list each interface/],
  ['[host]\ninterface = ["eth0", "a b"]', /:2: invalid interface name "a b"/],
  ['[host]\naddress = "::1"', /:2: address: ::1 is reachable from the host itself only/],
  [
    '[guest.a]\naddress = ["10.0.0.1", "10.0.0.2"]',
    /:2: address: 10.0.0.1 and 10.0.0.2 are two IPv4 addresses/,
  ],
  [
    '[guest.a]\nsnat = "2001:db8::1"\npublic_address = ["10.0.0.2", "2001:db8::2"]',
    /:2: public_address already/,
  ],
  ['[guest.a]\nopen = ["80:81"]', /:2: open: invalid port "80:81" \(an open port is not translated/],
  ['[guest.a]\nopen = ["80/icmp"]', /:2: open: invalid protocol "icmp"/],
  ['[guest.a]\nopen = [true]', /:2: must be a port like "443"/],
  ['[guest.a]\nopen = true', /:2: open: must be a list of ports/],
  [
    '[guest.a]\nforward = [{ port = 80, rate = "10/day" }]',
    /:2: rate: invalid rate "10\/day" \(write "10\/second"/,
  ],
  ['[guest.a]\nforward = [{ port = 80, rate = "0/hour" }]', /:2: rate: invalid rate "0\/hour"/],
  ['[guest.a]\nforward = [{ port = 80, rate = 10 }]', /:2: rate: must be a quoted string/],
  ['[guest.a]\nforward = [{ port = 80, connections = 0 }]', /:2: connections: invalid number "0"/],
  ['[guest.a]\nopen = [{ port = 80, connections = "a; drop" }]', /:2: connections: invalid number "a; drop"/],
  ['[guest.a]\nforward = [{ port = 80, connections = true }]', /:2: connections: must be a number/],
  ['[guest.a]\nopen = [{ protocol = "udp" }]', /:2: port is missing/],
  ['[guest.a]\nopen = [{ port = 80, to = 81 }]', /:2: unknown key "to"/],
  ['[guest.a]\nallow_from = "2001:db8::/129"', /:2: allow_from: invalid network "2001:db8::\/129"/],
  ['[guest.a]\naddress = "300.0.0.1"', /:2: address: invalid address "300\.0\.0\.1"/],
  ['[guest.a]\nsnat = "10.0.0.1"\npublic_address = "10.0.0.2"', /:2: public_address already sets/],
  ['[guest.a]\non_error = "refuse"', /:2: on_error: must be "deny" or "start"/],
  ['[guest.a]\nforward = [1979-05-27]', /:2: must be a forward/],
  ['[guest.a]\nforward = "1:2:3:4:5"', /:2: forward: /],
])('%j', (text, pattern) => expect(told(text)).toContainEqual(expect.stringMatching(pattern)));

describe('a file that is no TOML', () => {
  test('says where and is a problem of those that no other file names', () => {
    const configuration = parseConfiguration(
      [
        { path: main, text: '[guest.a]\nforward = ["80"]' },
        { path: '/b.toml', text: '[guest.b]\nforward = ["80"' },
      ],
      main,
    );
    expect(configuration.unread).toMatchObject([{ where: '/b.toml:2' }]);
    expect(configuration.hostUnknown).toEqual([]);
    expect(configuration.guests.get('a')?.problems).toEqual([]);
  });

  test('is a problem of all if [host] belongs there', () => {
    expect(parse('[host').hostUnknown).toMatchObject([{ where: '/g.toml:1' }]);
  });
});

test('one guest or [host] in two files is reported with both, and neither is applied', () => {
  const files = ['/1.toml', '/2.toml'].map((path) => ({
    path,
    text: '[guest.a]\nforward = ["80"]\n[host]\n',
  }));
  const { guests, problems } = parseConfiguration(files, main);
  expect(guests.get('a')?.problems).toMatchObject([
    { where: '/2.toml', problem: "the guest's policy is in /1.toml too" },
  ]);
  expect(problems.map(({ problem }) => problem)).toContain('[host] is in /1.toml too');
});

test('guests named like parts of every object', () => {
  const { guests, problems } = parse(
    '[guest.__proto__]\nforward=["80"]\n[guest.constructor]\nforward=["81"]\n',
  );
  expect([...guests.keys()]).toEqual(['__proto__', 'constructor']);
  expect(problems).toEqual([]);
});

test('lines of what TOML 1.1 allows and of what is not there', () => {
  expect(lineOf('a = 1\n[b]\nc.d = [1,\n 2]\n', ['b', 'c', 'd', 1])).toBe(4);
  expect(lineOf('a = 1\n[b]\nc = 1', ['b', 'nothing'])).toBe(2);
  expect(lineOf('a = 1', [])).toBe(1);
  expect(lineOf('\ufeffa = 1\nb = 2', ['b'])).toBe(2);
  expect(lineOf('a = {\n b = 2,\n}\nc = "\\e"', ['c'])).toBe(4);
  expect(lineOf('= nonsense', ['c'])).toBe(1);
  expect(lineOf('[[a]]\nb = 1\n[[a]]\nb = 2', ['a', 1, 'b'])).toBe(4);
});

test('the interface of a guest, and of a forward', () => {
  const { guests, problems } = parse(`
[guest.web]
network = "dmz"
forward = ["80", { port = 81, mac = "52:54:00:AA:BB:01" }, { port = "82/tcp", nic = 2 }, { port = 83, nic = 2 }]
`);
  expect(problems).toMatchObject([{ problem: expect.stringContaining('invalid port "82/tcp"') }]);
  const { interfaceChoice, forwards = [] } = guests.get('web')?.policy ?? {};
  expect([interfaceChoice, ...forwards.map((forward) => forward.interfaceChoice)]).toEqual([
    { network: 'dmz' },
    undefined,
    { mac: '52:54:00:aa:bb:01' },
    { nic: 2 },
  ]);
});

test.each([
  ['network = "a"\nnic = 2', /:3: network and nic choose the interface \(keep one of them\)/],
  ['forward = [{ port = 1, mac = "52:54:00:aa:bb:01", nic = 2 }]', /mac and nic choose the interface/],
  ['nic = 0', /nic: counts from 1/],
  ['nic = "2"', /nic: must be a number/],
  ['mac = "52-54-00-aa-bb-01"', /mac: must be a MAC address/],
  ['network = ""', /network: must be the name of a network/],
])('an invalid choice of an interface is reported: %s', (text, pattern) => {
  expect(told(`[guest.web]\n${text}\n`)).toEqual([expect.stringMatching(pattern)]);
});

test('networks, each in one file', () => {
  const text = '[network.default]\nsnat = ["203.0.113.9", "2001:db8::9"]\n[network."a b"]\n';
  const { networks, problems } = parse(text);
  expect(problems).toEqual([]);
  expect([...networks]).toEqual([
    ['default', { policy: { snat: ['203.0.113.9', '2001:db8::9'] }, problems: [] }],
    ['a b', { policy: {}, problems: [] }],
  ]);
  const both = ['/a.toml', '/b.toml'].map((path) => ({
    path,
    text: '[network.default]\nsnat = "203.0.113.9"\n',
  }));
  expect(parseConfiguration(both, main).problems).toMatchObject([
    { where: '/b.toml', problem: "the network's policy is in /a.toml too" },
  ]);
});

test.each([
  ['[network.default]\nsnat = ["203.0.113.9", "203.0.113.10"]', /snat: .* are two IPv4 addresses/],
  ['[network.default]\nsnat = "x"', /snat: /],
  ['[network.default]\nsnta = "203.0.113.9"', /unknown key "snta"/],
  ['network = "default"', /must be tables: \[network.NAME\]/],
])('what is wrong with a network is reported: %s', (text, pattern) => {
  expect(told(text)).toEqual([expect.stringMatching(pattern)]);
});
