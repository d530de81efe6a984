import { expect, test } from 'vitest';
import { parseDomain } from '../../../src/libvirt/domain.ts';
import { defaultHostPolicy, type HostPolicy } from '../../../src/model/policy.ts';
import { formatProblem } from '../../../src/model/problem.ts';
import { parseConfiguration } from '../../../src/policy/configuration.ts';
import { effectivePolicy } from '../../../src/policy/guest-policy.ts';
import { parseMetadata } from '../../../src/policy/metadata.ts';

async function metadata(inside: string, attributes = '') {
  const guest = `<gg:guest xmlns:gg="urn:guestgate:1"${attributes}>${inside}</gg:guest>`;
  return (
    await parseDomain('qemu', `<domain><name>a</name><uuid>U</uuid><metadata>${guest}</metadata></domain>`)
  ).metadata;
}

const problemsOf = async (inside: string, attributes = '') =>
  parseMetadata(await metadata(inside, attributes))?.problems.map(formatProblem);

test('everything that a file can say', async () => {
  const found = parseMetadata(
    await metadata(
      `<gg:portForward proto="udp" address="203.0.113.11" from="10.0.0.0/8, 192.0.2.1"><gg:range start="60000" end="60010" to="50000"/><gg:range start="53"/></gg:portForward>
       <gg:portForward><gg:range start="8443" to="443"/></gg:portForward>
       <gg:publicAddress address="203.0.113.12"/><gg:allowFrom network="198.51.100.0/24"/><gg:allowFrom network="192.0.2.0/24"/>
       <gg:address address="192.168.122.5"/><gg:address address="fd00::5"/>
       <gg:open proto="tcp+udp" from="2001:db8::/32"><gg:range start="443"/></gg:open>`,
      ' onError="deny"',
    ),
  );
  expect(found?.problems).toEqual([]);
  expect(found?.policy).toEqual({
    forwards: [
      {
        host: '203.0.113.11',
        protocol: 'udp',
        ports: { first: 60000, last: 60010 },
        to: 50000,
        from: ['10.0.0.0/8', '192.0.2.1/32'],
        text: expect.any(String),
      },
      {
        host: '203.0.113.11',
        protocol: 'udp',
        ports: { first: 53, last: 53 },
        to: 53,
        from: ['10.0.0.0/8', '192.0.2.1/32'],
        text: expect.any(String),
      },
      { host: 'any', protocol: 'tcp', ports: { first: 8443, last: 8443 }, to: 443, text: expect.any(String) },
    ],
    publicAddresses: ['203.0.113.12'],
    open: [
      {
        protocol: 'tcp',
        ports: { first: 443, last: 443 },
        from: ['2001:db8::/32'],
        text: expect.any(String),
      },
      {
        protocol: 'udp',
        ports: { first: 443, last: 443 },
        from: ['2001:db8::/32'],
        text: expect.any(String),
      },
    ],
    allowFrom: ['192.0.2.0/24', '198.51.100.0/24'],
    addresses: ['192.168.122.5', 'fd00::5'],
    onError: 'deny',
  });
});

test.each([
  [
    '<gg:portforward><gg:range start="80"/></gg:portforward>',
    /unknown element <portforward> \(did you mean "portForward"\?\)/,
  ],
  [
    '<gg:portForward protocol="udp"><gg:range start="80"/></gg:portForward>',
    /unknown attribute protocol of <portForward> \(known: proto, address, from, rate, connections, masquerade, uplink, network, mac, nic\)/,
  ],
  ['<gg:portForward/>', /<portForward> without a <range>/],
  ['<gg:portForward><gg:range/></gg:portForward>', /invalid port ""/],
  ['<gg:portForward><gg:range start="80" end="70"/></gg:portForward>', /invalid port "80-70"/],
  ['<gg:portForward proto="icmp"><gg:range start="80"/></gg:portForward>', /invalid protocol "icmp"/],
  ['<gg:portForward from="x"><gg:range start="80"/></gg:portForward>', /from: invalid network "x"/],
  [
    '<portForward><gg:range start="80"/></portForward>',
    /<portForward> in <guest> is not of namespace urn:guestgate:1/,
  ],
  ['<gg:portForward><range start="80"/></gg:portForward>', /<range> in <portForward> is not of namespace/],
  ['<gg:allowFrom/>', /<allowFrom> without its network/],
  ['<gg:allowFrom>10.0.0.0/8</gg:allowFrom>', /<allowFrom> without its network/],
  ['<gg:publicAddress/>', /<publicAddress> without its address/],
  ['<gg:address address="1.2.3.4"/><gg:address address="1.2.3.5"/>', /are two IPv4 addresses/],
  ['<gg:address address="::1"/>', /reachable from the host itself only/],
  ['<gg:open/>', /<open> without a <range>/],
  ['<gg:open host="1.2.3.4"><gg:range start="80"/></gg:open>', /unknown attribute host of <open>/],
  [
    '<gg:open address="127.0.0.1"><gg:range start="80"/></gg:open>',
    /127.0.0.1 is reachable from the host itself only/,
  ],
  [
    '<gg:portForward masquerade="maybe"><gg:range start="80"/></gg:portForward>',
    /masquerade: must be true or false/,
  ],
  ['<gg:open><gg:range start="80" to="81"/></gg:open>', /invalid attribute to of <range> in <open>/],
  ['<gg:open><gg:range start="x"/></gg:open>', /open: invalid port "x"/],
  ['<gg:constructor/>', /unknown element <constructor>/],
  ['<gg:__proto__/>', /unknown element <__proto__>/],
])('%s is reported', async (inside, pattern) => {
  const problems = await problemsOf(inside);
  expect(problems).toContainEqual(expect.stringMatching(pattern));
  for (const problem of problems ?? []) expect(problem).toMatch(/^metadata in the domain XML: /);
});

test('limits are attributes', async () => {
  const range = '<gg:range start="80"/>';
  const found = parseMetadata(
    await metadata(
      `<gg:portForward rate="10/second" connections="20">${range}</gg:portForward><gg:open connections="3">${range}</gg:open>`,
    ),
  );
  expect(found?.problems).toEqual([]);
  expect(found?.policy).toMatchObject({
    forwards: [{ rate: { connections: 10, per: 'second' }, connections: 20 }],
    open: [{ connections: 3 }],
  });
  expect(await problemsOf(`<gg:open rate="">${range}</gg:open>`)).toEqual([
    expect.stringMatching(/rate: invalid rate ""/),
  ]);
});

test('onError has two values', async () => {
  expect(await problemsOf('', ' onError="refuse"')).toEqual([expect.stringMatching(/on_error: must be/)]);
});

test('a domain that says nothing of us has no policy', async () => {
  const { metadata: others } = await parseDomain(
    'qemu',
    '<domain><metadata><x:y xmlns:x="urn:x"/></metadata></domain>',
  );
  expect(parseMetadata(others)).toBeUndefined();
  expect(parseMetadata(undefined)).toBeUndefined();
});

const guest = {
  driver: 'qemu',
  name: 'web',
  uuid: '11111111-2222-3333-4444-555555555555',
  nics: [],
} as const;
const configuration = (text: string) => parseConfiguration([{ path: '/g', text }], '/g');
const eighty = '<gg:portForward><gg:range start="80"/></gg:portForward>';

test('files win over metadata, key by key', async () => {
  const inMetadata = await metadata(`${eighty}<gg:allowFrom network="10.0.0.0/8"/>`);
  const { policy, problems } = effectivePolicy(
    guest,
    parseMetadata(inMetadata),
    configuration('[guest.web]\nforward = ["81"]\naddress = "10.0.0.1"'),
  );
  expect(problems).toEqual([]);
  expect(policy).toMatchObject({
    addresses: ['10.0.0.1'],
    allowFrom: ['10.0.0.0/8'],
    forwards: [{ text: '81' }],
  });
});

test('metadata may be turned off', async () => {
  const inMetadata = await metadata(eighty);
  expect(
    effectivePolicy(guest, parseMetadata(inMetadata), configuration('[host]\nmetadata = false')),
  ).toMatchObject({
    managed: false,
    policy: {},
  });
});

test('a policy by UUID, in any case, but not by both', () => {
  for (const uuid of [guest.uuid, guest.uuid.toUpperCase()])
    expect(
      effectivePolicy(guest, undefined, configuration(`[guest.${uuid}]\nforward = ["80"]`)),
    ).toMatchObject({ managed: true, problems: [] });
  const both = `[guest.${guest.uuid}]\nforward = ["80"]\n[guest.web]\nforward = ["80"]`;
  expect(effectivePolicy(guest, undefined, configuration(both)).problems).toMatchObject([
    { problem: expect.stringContaining('by its name too') },
  ]);
});

test('what cannot be read is a problem of those that nothing else names', () => {
  const host: HostPolicy = defaultHostPolicy;
  const unread = [{ where: '/b', problem: 'x' }];
  const base = {
    host,
    guests: new Map([['other', { policy: {}, problems: [] }]]),
    problems: unread,
    unread,
    networks: new Map(),
    hostUnknown: [],
  };
  expect(effectivePolicy(guest, undefined, base)).toMatchObject({ managed: false, problems: unread });
  expect(effectivePolicy({ ...guest, name: 'other' }, undefined, base)).toMatchObject({
    managed: true,
    problems: [],
  });
});

test('the interface of the guest, and of a forward', async () => {
  const inside = '<gg:portForward nic="2"><gg:range start="80"/><gg:range start="81"/></gg:portForward>';
  const found = parseMetadata(await metadata(inside, ' mac="52:54:00:AA:BB:01"'));
  expect(found?.problems).toEqual([]);
  expect(found?.policy.interfaceChoice).toEqual({ mac: '52:54:00:aa:bb:01' });
  expect(found?.policy.forwards?.map(({ interfaceChoice }) => interfaceChoice)).toEqual([
    { nic: 2 },
    { nic: 2 },
  ]);
  expect(await problemsOf('', ' network="a" nic="x"')).toEqual([
    expect.stringContaining('nic: must be a number'),
  ]);
});
