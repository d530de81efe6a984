import { describe, expect, test } from 'vitest';
import { renderGuest } from '../../../src/import/render-guest.ts';
import { importHooks } from '../../../src/import/translate-hooks.ts';
import { formatProblem } from '../../../src/model/problem.ts';
import { parseConfiguration } from '../../../src/policy/configuration.ts';
import { describeForward } from '../../../src/policy/forward-list.ts';

/** What the written files mean to our own parser. */
function meaning(text: string) {
  const { guests, problems, warnings } = importHooks(text, 'hooks.json');
  const files = guests.map((guest, index) => ({ path: `/${index}.toml`, text: renderGuest(guest) }));
  const configuration = parseConfiguration(files, '');
  expect(configuration.problems).toEqual([]);
  const policies = Object.fromEntries(
    [...configuration.guests].map(([name, { policy }]) => [
      name,
      {
        ...policy,
        forwards: policy.forwards?.map((forward) =>
          [describeForward(forward), ...(forward.from === undefined ? [] : [`from ${forward.from}`])].join(
            ' ',
          ),
        ),
      },
    ]),
  );
  return {
    policies,
    texts: files.map((file) => file.text),
    problems: problems.map(formatProblem),
    warnings: warnings.map(formatProblem),
  };
}

const example = `{
    "cloud-admin": {
        "interface": "virbr1",            // you can use "comments"
        "private_ip": "192.168.124.10",   /* both
                                             styles */
        "source_ip": "8.8.8.8",
        "port_map": {
            "tcp": [[1100, 3000], 443]
        }
    },
    "cloud-node1": {
        "private_ip": "192.168.126.2",
        "public_ip": "203.0.113.11",
        "port_map": {
            "tcp": [[1101, 80],
                    [1102, 443]],
            "udp": [53]
        }
    }
}
`;

test("the project's own example", () => {
  const { texts, policies, problems, warnings } = meaning(example);
  expect(texts[0]).toBe(`# Imported from hooks.json:2
[guest.cloud-admin]
address    = "192.168.124.10"
forward    = ["1100:3000", "443"]
allow_from = ["8.8.8.8"]
`);
  expect(policies).toEqual({
    'cloud-admin': {
      addresses: ['192.168.124.10'],
      allowFrom: ['8.8.8.8/32'],
      forwards: ['1100:3000/tcp', '443:443/tcp'],
    },
    'cloud-node1': {
      addresses: ['192.168.126.2'],
      forwards: ['203.0.113.11:1101:80/tcp', '203.0.113.11:1102:443/tcp', '203.0.113.11:53:53/udp'],
    },
  });
  expect(problems).toEqual([]);
  expect(warnings).toEqual([
    "hooks.json:3: cloud-admin.interface: not needed: guestgate forwards to the guest's address",
    expect.stringMatching(
      /^hooks.json:2: cloud-admin: without a public address, guestgate forwards from all addresses/,
    ),
  ]);
});

const guest = (content: string) =>
  `{ "web": { "private_ip": "192.168.122.41", "public_ip": "203.0.113.10", ${content} } }`;

describe('what it means', () => {
  test.each<[string, string, string[]]>([
    ['a port', '"port_map": { "tcp": [80] }', ['203.0.113.10:80:80/tcp']],
    ['texts as numbers', '"port_map": { "UDP": [["53", 5353]] }', ['203.0.113.10:53:5353/udp']],
    [
      'a map without protocols',
      '"port_map": [["2222", "22"], 80]',
      ['203.0.113.10:2222:22/tcp', '203.0.113.10:80:80/tcp'],
    ],
    [
      'ranges, by their number',
      '"port_map": {}, "port_range": [{ "init_port": 30000, "ports_num": 100, "protocol": "udp" }]',
      ['203.0.113.10:30000-30099:30000-30099/udp'],
    ],
    [
      'ranges, by their ends',
      '"port_range": [{ "range": [10000, 10128], "protocol": "udp" }, { "begin": 5, "end": 6, "protocol": "tcp" }, { "start_port": 9, "ports_num": 1, "protocol": "tcp" }]',
      ['203.0.113.10:10000-10128:10000-10128/udp', '203.0.113.10:5-6:5-6/tcp', '203.0.113.10:9:9/tcp'],
    ],
    [
      'several public addresses',
      '"public_ip": ["203.0.113.11", "203.0.113.12"], "port_map": { "tcp": [80] }',
      ['203.0.113.11:80:80/tcp', '203.0.113.12:80:80/tcp'],
    ],
    ['the same twice', '"port_map": { "tcp": [80, [80, 80]] }', ['203.0.113.10:80:80/tcp']],
  ])('%s', (_, content, forwards) => {
    const { policies, problems, warnings } = meaning(guest(content));
    expect({ problems, warnings }).toEqual({ problems: [], warnings: [] });
    expect(policies['web']?.forwards).toEqual(forwards);
  });

  test('several entries of a guest, each with sources of its own', () => {
    const entry = (port: number, more: string) =>
      `{ "private_ip": "10.0.0.2", "public_ip": "203.0.113.10", "port_map": { "tcp": [${port}] }${more} }`;
    const { policies, warnings } = meaning(
      `{ "a b": [${entry(80, '')}, ${entry(81, ', "source_ip": "10.1.0.0/16, 10.2.0.1"')}, ${entry(80, ', "source_ip": "10.3.0.1"')}] }`,
    );
    expect(policies['a b']).toEqual({
      addresses: ['10.0.0.2'],
      forwards: ['203.0.113.10:80:80/tcp', '203.0.113.10:81:81/tcp from 10.1.0.0/16,10.2.0.1/32'],
    });
    expect(warnings).toEqual([
      'hooks.json:1: ["a b"][2].port_map.tcp[0]: left out: ["a b"][0].port_map.tcp[0] already forwards ports of 203.0.113.10:80:80',
    ]);
  });

  test("a fork's machines, which share a public address", () => {
    const { policies } = meaning(
      '{ "debug": true, "machines": { "web": { "private_ip": "10.0.0.2", "port_map": [["2222", "22"]] } }, "public_ip": "203.0.113.9" }',
    );
    expect(policies['web']?.forwards).toEqual(['203.0.113.9:2222:22/tcp']);
  });

  test('many forwards get a line each', () => {
    const { texts } = meaning(
      guest(`"port_map": { "tcp": [${Array.from({ length: 20 }, (_, index) => index + 1)}] }`),
    );
    expect(texts[0]).toContain('forward    = [\n  "203.0.113.10:1:1",\n  "203.0.113.10:2:2",\n');
  });

  test.each(['__proto__', 'a "b"', '\u001b', 'ü 😀'])('a guest called %j', (name) => {
    const { policies } = meaning(
      `{ ${JSON.stringify(name)}: { "private_ip": "10.0.0.2", "port_map": { "tcp": [80] } } }`,
    );
    expect(Object.keys(policies)).toEqual([name]);
  });
});

describe('IPv6', () => {
  const both = '"private_ip": "192.168.122.41", "private_ipv6": "fd00:122::41"';
  const v4 = '"public_ip": "203.0.113.10"';
  const v6 = '"public_ipv6": "2001:DB8::0010"';
  const port = '"port_map": { "tcp": [[8080, 80]] }';
  const addresses = ['192.168.122.41', 'fd00:122::41'];

  test.each<[string, string, object]>([
    [
      'each public address leads to the guest in its family',
      `${both}, ${v4}, ${v6}, ${port}`,
      { addresses, forwards: ['203.0.113.10:8080:80/tcp', '[2001:db8::10]:8080:80/tcp'] },
    ],
    [
      'private_ip and public_ip may contain IPv6 addresses',
      `"private_ip": ["192.168.122.41", "fd00:122::41"], "public_ip": "2001:db8::10, 203.0.113.10", ${port}`,
      { addresses, forwards: ['[2001:db8::10]:8080:80/tcp', '203.0.113.10:8080:80/tcp'] },
    ],
    [
      'a guest with IPv6 only',
      `"private_ip": "fd00:122::41", "public_ip": "2001:db8::10", "source_ip": "2001:db8:7::/48", ${port}`,
      {
        addresses: ['fd00:122::41'],
        allowFrom: ['2001:db8:7::/48'],
        forwards: ['[2001:db8::10]:8080:80/tcp'],
      },
    ],
    [
      'sources of both families',
      `${both}, ${v4}, ${v6}, "source_ip": "10.0.0.0/8", "source_ipv6": "2001:db8:7::1", ${port}`,
      {
        addresses,
        allowFrom: ['10.0.0.0/8', '2001:db8:7::1/128'],
        forwards: ['203.0.113.10:8080:80/tcp', '[2001:db8::10]:8080:80/tcp'],
      },
    ],
  ])('%s', (_, content, policy) => {
    const { policies, problems, warnings } = meaning(`{ "web": { ${content} } }`);
    expect({ problems, warnings }).toEqual({ problems: [], warnings: [] });
    expect(policies['web']).toEqual(policy);
  });

  test.each<[string, string, string[]]>([
    ['both families without a public address', `${both}, ${port}`, ['8080:80/tcp']],
    [
      'a family without a public address',
      `${both}, ${v4}, ${port}`,
      ['203.0.113.10:8080:80/tcp', '[::]:8080:80/tcp'],
    ],
  ])('%s', (_, content, forwards) => {
    const { policies, warnings } = meaning(`{ "web": { ${content} } }`);
    expect(policies['web']?.forwards).toEqual(forwards);
    expect(warnings).toEqual([
      expect.stringContaining('web: without a public address, guestgate forwards from'),
    ]);
  });

  test('entries for one family each', () => {
    const { policies } = meaning(
      `{ "web": [{ "private_ip": "192.168.122.41", ${port} }, { "private_ip": "fd00:122::41", "port_map": { "tcp": [[8080, 81]] } }] }`,
    );
    expect(policies['web']).toEqual({ addresses, forwards: ['0.0.0.0:8080:80/tcp', '[::]:8080:81/tcp'] });
  });

  test('sources of one family deny the other, which the hook did not', () => {
    const { policies, warnings } = meaning(
      `{ "web": { ${both}, ${v4}, ${v6}, "source_ip": "10.0.0.1", ${port} } }`,
    );
    expect(policies['web']?.allowFrom).toEqual(['10.0.0.1/32']);
    expect(warnings).toEqual([
      'hooks.json:1: web.source_ip: contains no IPv6 network: guestgate denies all IPv6 access',
    ]);
  });

  test('two addresses of one family, and an address that no other host can reach, are refused', () => {
    const problems = (content: string) => meaning(`{ "web": { ${content}, ${port} } }`).problems;
    expect(problems('"private_ip": "fd00::1", "private_ipv6": "fd00::2"')).toEqual([
      'hooks.json:1: web.private_ipv6: must be one address of each family',
    ]);
    expect(problems('"private_ipv6": "fe80::1"')).toEqual([
      expect.stringMatching(/^hooks.json:1: web.private_ipv6: /),
    ]);
  });
});

describe('import warns about what it cannot translate', () => {
  test.each<[string, string, string]>([
    [
      'a public address of a family that the guest lacks',
      '"public_ipv6": "2001:db8::10", "port_map": { "tcp": [80] }',
      'web: public address 2001:db8::10 left out: the entry has no private IPv6 address',
    ],
    [
      'an interface for one guest',
      '"public_interface": "eth1", "port_map": { "tcp": [80] }',
      'left out: set interface in [host]',
    ],
    [
      'an unknown key',
      '"port_mpa": 1, "port_map": { "tcp": [80] }',
      'web.port_mpa: unknown key, left out (did you mean "port_map"?)',
    ],
    ['icmp', '"port_map": { "icmp": [8], "tcp": [80] }', 'web.port_map.icmp: icmp has no ports'],
    ['nothing at all', '"port_map": { }', 'web: left out: it has no forwards'],
    [
      'two rules for a port',
      '"port_map": { "tcp": [80, [80, 81]] }',
      'web.port_map.tcp[1]: left out: web.port_map.tcp[0] already forwards',
    ],
    [
      'sources that restrict ranges, too',
      '"source_ip": "10.0.0.1", "port_range": [{ "init_port": 3, "ports_num": 2, "protocol": "tcp" }]',
      'web.source_ip: restricts port_range, too',
    ],
  ])('%s', (_, content, warning) => {
    const { problems, warnings } = meaning(guest(content));
    expect(problems).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining(warning)]);
  });

  test('a second address of a guest', () => {
    const { policies, warnings } = meaning(`{ "web": [
      { "private_ip": "10.0.0.2", "public_ip": "203.0.113.10", "port_map": { "tcp": [80] } },
      { "private_ip": "10.0.0.3", "public_ip": "203.0.113.11", "port_map": { "tcp": [80] } }] }`);
    expect(policies['web']?.forwards).toEqual(['203.0.113.10:80:80/tcp']);
    expect(warnings).toEqual([
      'hooks.json:3: web[1]: left out: a guest has one address of each family, and this guest has 10.0.0.2',
    ]);
  });

  test('a guest that is defined twice', () => {
    const one = (port: number) =>
      `"web": { "private_ip": "10.0.0.2", "public_ip": "203.0.113.10", "port_map": [${port}] }`;
    const { policies, warnings } = meaning(`{ ${one(80)},\n${one(81)} }`);
    expect(policies['web']?.forwards).toEqual(['203.0.113.10:81:81/tcp']);
    expect(warnings).toEqual(['hooks.json:1: web: is defined again below: only the last definition counts']);
  });
});

test('import reports every mistake, with its line', () => {
  const { problems } = meaning(`{
  "a": { "port_map": { "tcp": [80] } },
  "b": { "private_ip": "10.0.0.300", "public_ip": 7,
    "source_ip": "fe80::/200",
    "port_map": { "tcp": [0, [1, 2, 3], "x", [80, 99999]],
      "dccp": [80] } },
  "c": { "private_ip": "10.0.0.2", "port_map": 80,
    "port_range": [{ "init_port": 65535, "ports_num": 2, "protocol": "tcp" },
      { "init_port": 1, "begin": 2, "ports_num": 2, "protocol": "tcp" },
      { "init_port": 1, "ports_num": 2 }, 7] },
  "d": []
}`);
  expect(problems.map((problem) => problem.replace(/ \(.*/, ''))).toEqual([
    'hooks.json:2: a: private_ip is missing',
    'hooks.json:3: b.private_ip: invalid address "10.0.0.300"',
    'hooks.json:3: b.public_ip: must be a text in quotes',
    'hooks.json:4: b.source_ip: invalid network "fe80::/200"',
    'hooks.json:5: b.port_map.tcp[0]: must be a number from 1 to 65535',
    'hooks.json:5: b.port_map.tcp[1]: must be a port, or a pair of ports: [8443, 443]',
    'hooks.json:5: b.port_map.tcp[2]: must be a number from 1 to 65535',
    'hooks.json:5: b.port_map.tcp[3][1]: must be a number from 1 to 65535',
    'hooks.json:6: b.port_map.dccp: invalid protocol "dccp"',
    'hooks.json:7: c.port_map: must be an object: { "tcp": [[8443, 443], 22] }',
    'hooks.json:8: c.port_range[0]: invalid range of ports 65535-65536',
    'hooks.json:9: c.port_range[1]: has both init_port and begin',
    'hooks.json:10: c.port_range[2]: protocol is missing',
    'hooks.json:10: c.port_range[3]: must be an object: { "init_port": 30000, "ports_num": 100, "protocol": "udp" }',
  ]);
});

test.each<[string, string]>([
  ['', 'hooks.json:1: invalid JSON: value expected'],
  ['{\n"a": [1,]\n}', 'hooks.json:2: invalid JSON: value expected'],
  ['{ "a": 1\n"b": 2 }', 'hooks.json:2: invalid JSON: comma expected'],
  ['{ a: 1 }', 'hooks.json:1: invalid JSON: invalid symbol'],
  ['/* never\nends', 'hooks.json:1: invalid JSON: unexpected end of comment'],
  ['{}\n{}', 'hooks.json:2: invalid JSON: end of file expected'],
  ['{ "a\nb": 1 }', 'hooks.json:1: invalid JSON: unexpected end of string'],
  ['[]', 'hooks.json:1: must be an object: { "GUEST": { ... } }'],
])('%j is refused, with its line', (text, problem) => {
  expect(meaning(text).problems).toEqual([problem]);
});
