import { describe, expect, test } from 'vitest';
import type { GuestPolicy } from '../../../src/model/policy.ts';
import { familiesWanted, needsAddress } from '../../../src/planner/families.ts';
import type { HostView } from '../../../src/planner/host-view.ts';
import { type Plan, plan, restrictions } from '../../../src/planner/plan.ts';
import { isSyntaxProblem, parseForward } from '../../../src/policy/forward-syntax.ts';
import { parseOpenPort } from '../../../src/policy/open-port-syntax.ts';
import { Random } from './random.ts';

const guest = '192.168.122.41';
const guest6 = 'fd00:122::41';
const anyHost: HostView = { addresses: 'any', interfacesOf: () => ['eth0'], addressesOn: () => [] };

const problemsOf = ({ problems }: Plan) => problems.map(({ problem }) => problem);

function forwards(...texts: string[]): GuestPolicy {
  return {
    forwards: texts.flatMap((text) => {
      const parsed = parseForward(text);
      if (isSyntaxProblem(parsed)) throw new Error(parsed.problem);
      return parsed.map((forward) => ({ ...forward, text }));
    }),
  };
}

function openPorts(...texts: string[]): GuestPolicy {
  return {
    open: texts.flatMap((text) => {
      const parsed = parseOpenPort(text);
      if (isSyntaxProblem(parsed)) throw new Error(parsed.problem);
      return parsed.map((openPort) => ({ ...openPort, text }));
    }),
  };
}

test('a forward for any address, and one for a certain one', () => {
  expect(plan(forwards('8443:443', '203.0.113.1:53:53/udp'), [guest], anyHost)).toEqual({
    elements: [
      { kind: 'forward', host: 'any', protocol: 'tcp', ports: { first: 8443, last: 8443 }, guest, to: 443 },
      {
        kind: 'forward',
        host: '203.0.113.1',
        protocol: 'udp',
        ports: { first: 53, last: 53 },
        guest,
        to: 53,
      },
    ],
    problems: [],
    remarks: [],
  });
});

test('where [host] says addresses, a forward for any is one for each of them', () => {
  const host = { ...anyHost, addresses: ['203.0.113.1', '203.0.113.2'] };
  expect(plan(forwards('80'), [guest], host).elements).toMatchObject([
    { host: '203.0.113.1' },
    { host: '203.0.113.2' },
  ]);
  expect(plan(forwards('80'), [guest], { ...anyHost, addresses: [] }).elements).toEqual([]);
});

describe('forwards of one guest that contradict', () => {
  test.each([
    [['80:80', '80:81'], ['forward 80:81 repeats host ports of 80:80']],
    [['80', '80'], []],
    [['80-90', '85'], ['forward 85 repeats host ports of 80-90']],
    [['80', '203.0.113.1:80:80'], ['forward 203.0.113.1:80:80 repeats host ports of 80']],
    [['80', '80/udp'], []],
    [['203.0.113.1:80:80', '203.0.113.2:80:80'], []],
  ])('%j', (texts, problems) =>
    expect(problemsOf(plan(forwards(...texts), [guest], anyHost))).toEqual(problems),
  );
});

test('restrictions: a forward’s own before the guest’s, merged, and no source where the list is empty', () => {
  const [forward] = forwards('80').forwards ?? [];
  if (forward === undefined) throw new Error('no forward');
  const sourceFilters = (policy: GuestPolicy) => restrictions(plan(policy, [guest], anyHost).elements);
  const claim = { host: 'any', protocol: 'tcp', ports: { first: 80, last: 80 } };
  expect(sourceFilters({ forwards: [forward] })).toEqual([]);
  expect(sourceFilters({ forwards: [forward], allowFrom: ['10.0.0.0/8', '10.1.0.0/16'] })).toEqual([
    { kind: 'source-filter', claim, from: ['10.0.0.0/8'] },
  ]);
  expect(sourceFilters({ forwards: [{ ...forward, from: [] }], allowFrom: ['10.0.0.0/8'] })).toEqual([
    { kind: 'source-filter', claim, from: [] },
  ]);
});

test('limits go with what they limit, in each family', () => {
  const [forward] = forwards('80').forwards ?? [];
  if (forward === undefined) throw new Error('no forward');
  const rate = { connections: 10, per: 'second' } as const;
  const ports = { protocol: 'tcp', ports: { first: 80, last: 80 } } as const;
  const policy: GuestPolicy = {
    forwards: [{ ...forward, rate, connections: 20 }],
    open: [{ ...ports, text: '80', connections: 3 }],
  };
  expect(plan(policy, [guest, guest6], anyHost).elements).toEqual(
    (
      [
        ['any', guest],
        ['any6', guest6],
      ] as const
    ).flatMap(([host, address]) => [
      { kind: 'connection-limit', at: { host, ...ports }, connections: 20 },
      { kind: 'rate-limit', at: { host, ...ports }, rate },
      { kind: 'forward', host, ...ports, guest: address, to: 80 },
      { kind: 'connection-limit', at: { guest: address, ...ports }, connections: 3 },
      { kind: 'open', guest: address, ...ports },
    ]),
  );
});

test('at the loopback address a forward is one more, without a source filter', () => {
  const policy: GuestPolicy = {
    ...forwards('80', '203.0.113.1:81:82', '[2001:db8::1]:83:83'),
    loopback: true,
    allowFrom: ['10.0.0.0/8'],
  };
  const { elements, problems } = plan(policy, [guest, guest6], anyHost);
  expect(problems).toEqual([]);
  expect(elements.filter((element) => 'host' in element && element.host === '127.0.0.1')).toEqual(
    [
      [80, 80],
      [81, 82],
    ].map(([port = 0, to]) => ({
      kind: 'forward',
      host: '127.0.0.1',
      protocol: 'tcp',
      ports: { first: port, last: port },
      guest,
      to,
    })),
  );
  expect(elements.filter(({ kind }) => kind === 'source-filter')).toHaveLength(4);
  const twice = { ...forwards('203.0.113.1:80:80', '203.0.113.2:80:81'), loopback: true };
  expect(problemsOf(plan(twice, [guest], anyHost))).toEqual([
    'forward 203.0.113.2:80:81 repeats host ports of 203.0.113.1:80:80',
  ]);
  expect(problemsOf(plan({ ...forwards('80'), loopback: true }, [guest6], anyHost))).toEqual([
    'forward 80 is not reachable at 127.0.0.1: the guest has no IPv4 address',
  ]);
});

test('a public address goes both ways; snat one', () => {
  const sourceNat = { kind: 'source-nat', guest, interface: 'eth0', address: '203.0.113.12' };
  expect(plan({ publicAddresses: ['203.0.113.12'] }, [guest], anyHost).elements).toEqual([
    { kind: 'one-to-one', host: '203.0.113.12', guest },
    sourceNat,
  ]);
  expect(plan({ snat: ['203.0.113.12'] }, [guest], anyHost).elements).toEqual([
    { ...sourceNat, shared: true },
  ]);
  expect(
    plan({ publicAddresses: ['203.0.113.12'], allowFrom: ['10.0.0.0/8'] }, [guest], anyHost).elements[0],
  ).toEqual({
    kind: 'source-filter',
    claim: { host: '203.0.113.12' },
    from: ['10.0.0.0/8'],
  });
});

test('an address that nothing leaves with is reported, and so is an interface that no rule can name', () => {
  expect(plan({ snat: ['203.0.113.12'] }, [guest], { ...anyHost, interfacesOf: () => [] })).toEqual({
    elements: [],
    problems: [
      {
        problem: expect.stringContaining('no connection can leave as 203.0.113.12'),
        severity: 'something',
        advice: 'set interface in [host]',
      },
    ],
    remarks: [],
  });
  expect(
    plan({ snat: ['203.0.113.12'] }, [guest], { ...anyHost, interfacesOf: () => ['a"; flush', 'eth1'] }),
  ).toMatchObject({
    elements: [{ interface: 'eth1' }],
    problems: [{ problem: expect.stringContaining('"a\\"; flush"') }],
  });
});

test('only what goes somewhere needs the guest’s address', () => {
  expect(needsAddress({})).toBe(false);
  expect(needsAddress({ forwards: [], open: [], allowFrom: [], addresses: [guest], onError: 'deny' })).toBe(
    false,
  );
  for (const policy of [
    forwards('80'),
    { snat: ['1.2.3.4'] },
    { publicAddresses: ['1.2.3.4'] },
    openPorts('443'),
    { denyFrom: ['198.51.100.7/32'] },
  ])
    expect(needsAddress(policy)).toBe(true);
});

test('the same input gives the same plan, and leaves the input alone', () => {
  const random = new Random(7);
  for (let round = 0; round < 200; round++) {
    const [policy, host] = [random.policy(), random.host()];
    const before = JSON.stringify(policy);
    expect(plan(policy, [guest], host)).toEqual(plan(policy, [guest], host));
    expect(JSON.stringify(policy)).toBe(before);
  }
});

describe('two families', () => {
  const both = [guest, guest6];
  const kinds = (policy: GuestPolicy, addresses: readonly string[] = both, host = anyHost) =>
    plan(policy, addresses, host).elements.map((element) =>
      element.kind === 'source-filter' || element.kind === 'open-source-filter'
        ? [element.kind, element.from]
        : [
            element.kind,
            'host' in element ? element.host : undefined,
            'guest' in element ? element.guest : undefined,
          ],
    );

  test('a forward for any is one in each family that the guest has; one at an address is of its own', () => {
    const policy = forwards('80', '[2001:db8::1]:81:81', '203.0.113.1:82:82', '0.0.0.0:83:83', '[::]:84:84');
    expect(kinds(policy)).toEqual([
      ['forward', 'any', guest],
      ['forward', '203.0.113.1', guest],
      ['forward', 'any', guest],
      ['forward', 'any6', guest6],
      ['forward', '2001:db8::1', guest6],
      ['forward', 'any6', guest6],
    ]);
    expect(kinds(forwards('80'), [guest6])).toEqual([['forward', 'any6', guest6]]);
    expect(kinds(forwards('80', '[::]:80:81'), [guest6])).toHaveLength(1);
  });

  test('[host] address narrows both, and a guest that is then reachable nowhere is reported', () => {
    const host = { ...anyHost, addresses: ['203.0.113.1', '2001:db8::1'] };
    expect(kinds(forwards('80'), both, host)).toEqual([
      ['forward', '203.0.113.1', guest],
      ['forward', '2001:db8::1', guest6],
    ]);
    const only4 = { ...anyHost, addresses: ['203.0.113.1'] };
    expect(plan(forwards('80'), both, only4)).toMatchObject({ elements: [{}], problems: [] });
    expect(plan(forwards('80'), [guest6], only4)).toMatchObject({
      elements: [],
      problems: [{ problem: 'forward 80 is not reachable: [host] has no IPv6 address' }],
    });
  });

  test('each network of a list counts in its family, and a family without any is closed', () => {
    const policy = { ...forwards('80'), ...openPorts('443'), allowFrom: ['10.0.0.0/8', '10.1.0.0/16'] };
    expect(kinds(policy)).toEqual([
      ['source-filter', ['10.0.0.0/8']],
      ['forward', 'any', guest],
      ['open-source-filter', ['10.0.0.0/8']],
      ['open', undefined, guest],
      ['source-filter', []],
      ['forward', 'any6', guest6],
      ['open-source-filter', []],
      ['open', undefined, guest6],
    ]);
  });

  test('several public addresses lead to it; it leaves with the first of its family, or with what snat names', () => {
    const publicAddresses = ['203.0.113.12', '203.0.113.13', '2001:db8::12', '2001:db8::13'];
    const leaves = (policy: GuestPolicy) =>
      plan(policy, both, anyHost).elements.flatMap((element) =>
        element.kind === 'source-nat' ? [element.address] : [],
      );
    expect(plan({ publicAddresses }, both, anyHost).elements).toHaveLength(6);
    expect(leaves({ publicAddresses })).toEqual(['203.0.113.12', '2001:db8::12']);
    expect(leaves({ publicAddresses, snat: ['2001:db8::13'] })).toEqual(['203.0.113.12', '2001:db8::13']);
  });

  test('where the guest’s address is needed', () => {
    expect(familiesWanted(forwards('80'))).toEqual({ named: [], whichever: true });
    expect(familiesWanted(forwards('[::]:80:80', '1.2.3.4:80:80'))).toEqual({
      named: ['ip6', 'ip'],
      whichever: false,
    });
    expect(familiesWanted({ ...openPorts('80'), publicAddresses: ['2001:db8::1'] })).toEqual({
      named: ['ip6'],
      whichever: true,
    });
  });
});

test('open ports: each once, and who may', () => {
  expect(plan(openPorts('443', '53/tcp+udp', '8000-8010'), [guest], anyHost)).toMatchObject({
    elements: [
      { kind: 'open', guest, protocol: 'tcp', ports: { first: 443, last: 443 } },
      { protocol: 'tcp' },
      { protocol: 'udp' },
      { ports: { first: 8000, last: 8010 } },
    ],
    problems: [],
  });
  expect(plan(openPorts('8000-8010', '8010-8020', '80', '80'), [guest, guest6], anyHost)).toMatchObject({
    elements: [{}, {}, {}, {}],
    problems: [{ problem: 'open 8010-8020 repeats ports of 8000-8010' }],
  });
  const [openPort] = openPorts('443').open ?? [];
  if (openPort === undefined) throw new Error('no opening');
  const from = ['198.51.100.0/24'];
  expect(plan({ open: [{ ...openPort, from }], allowFrom: [] }, [guest], anyHost).elements[0]).toEqual({
    kind: 'open-source-filter',
    guest,
    protocol: 'tcp',
    ports: { first: 443, last: 443 },
    from,
  });
});
