import { describe, expect, test } from 'vitest';
import type { GuestPolicy } from '../../../src/model/policy.ts';
import { type HostView, needsAddress, plan, restrictions } from '../../../src/planner/plan.ts';
import { isSyntaxProblem, parseForward } from '../../../src/policy/forward-syntax.ts';
import { Random } from './random.ts';

const guest = '192.168.122.41';
const anyHost: HostView = { addresses: 'any', interfacesOf: () => ['eth0'] };

function forwards(...texts: string[]): GuestPolicy {
  return {
    forwards: texts.flatMap((text) => {
      const parsed = parseForward(text);
      if (isSyntaxProblem(parsed)) throw new Error(parsed.problem);
      return parsed.map((forward) => ({ ...forward, text }));
    }),
  };
}

test('a forward for any address, and one for a certain one', () => {
  expect(plan(forwards('8443:443', '203.0.113.1:53:53/udp'), guest, anyHost)).toEqual({
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
  });
});

test('where [host] says addresses, a forward for any is one for each of them', () => {
  const host = { ...anyHost, addresses: ['203.0.113.1', '203.0.113.2'] };
  expect(plan(forwards('80'), guest, host).elements).toMatchObject([
    { host: '203.0.113.1' },
    { host: '203.0.113.2' },
  ]);
  expect(plan(forwards('80'), guest, { ...anyHost, addresses: [] }).elements).toEqual([]);
});

describe('forwards of one guest that contradict', () => {
  test.each([
    [['80:80', '80:81'], ['forward 80:81 repeats host ports of 80:80']],
    [['80', '80'], []],
    [['80-90', '85'], ['forward 85 repeats host ports of 80-90']],
    [['80', '203.0.113.1:80:80'], ['forward 203.0.113.1:80:80 repeats host ports of 80']],
    [['80', '80/udp'], []],
    [['203.0.113.1:80:80', '203.0.113.2:80:80'], []],
  ])('%j', (texts, problems) => expect(plan(forwards(...texts), guest, anyHost).problems).toEqual(problems));
});

test('restrictions: a forward’s own before the guest’s, merged, and nobody where the list is empty', () => {
  const [forward] = forwards('80').forwards ?? [];
  if (forward === undefined) throw new Error('no forward');
  const guards = (policy: GuestPolicy) => restrictions(plan(policy, guest, anyHost).elements);
  const claim = { host: 'any', protocol: 'tcp', ports: { first: 80, last: 80 } };
  expect(guards({ forwards: [forward] })).toEqual([]);
  expect(guards({ forwards: [forward], allowFrom: ['10.0.0.0/8', '10.1.0.0/16'] })).toEqual([
    { kind: 'guard', claim, from: ['10.0.0.0/8'] },
  ]);
  expect(guards({ forwards: [{ ...forward, from: [] }], allowFrom: ['10.0.0.0/8'] })).toEqual([
    { kind: 'guard', claim, from: [] },
  ]);
});

test('a public address goes both ways; snat one', () => {
  const sourceNat = { kind: 'source-nat', guest, interface: 'eth0', address: '203.0.113.12' };
  expect(plan({ publicAddress: '203.0.113.12' }, guest, anyHost).elements).toEqual([
    { kind: 'one-to-one', host: '203.0.113.12', guest },
    sourceNat,
  ]);
  expect(plan({ snat: '203.0.113.12' }, guest, anyHost).elements).toEqual([sourceNat]);
  expect(
    plan({ publicAddress: '203.0.113.12', allowFrom: ['10.0.0.0/8'] }, guest, anyHost).elements[0],
  ).toEqual({
    kind: 'guard',
    claim: { host: '203.0.113.12' },
    from: ['10.0.0.0/8'],
  });
});

test('an address that nothing leaves with is told, and so is an interface that no rule can name', () => {
  expect(plan({ snat: '203.0.113.12' }, guest, { ...anyHost, interfacesOf: () => [] })).toEqual({
    elements: [],
    problems: [expect.stringContaining('203.0.113.12 is on no interface')],
  });
  expect(
    plan({ snat: '203.0.113.12' }, guest, { ...anyHost, interfacesOf: () => ['a"; flush', 'eth1'] }),
  ).toMatchObject({
    elements: [{ interface: 'eth1' }],
    problems: [expect.stringContaining('"a\\"; flush"')],
  });
});

test('only what goes somewhere needs the guest’s address', () => {
  expect(needsAddress({})).toBe(false);
  expect(needsAddress({ forwards: [], allowFrom: [], address: guest, onError: 'deny' })).toBe(false);
  for (const policy of [forwards('80'), { snat: '1.2.3.4' }, { publicAddress: '1.2.3.4' }])
    expect(needsAddress(policy)).toBe(true);
});

test('the same input gives the same plan, and leaves the input alone', () => {
  const random = new Random(7);
  for (let round = 0; round < 200; round++) {
    const [policy, host] = [random.policy(), random.host()];
    const before = JSON.stringify(policy);
    expect(plan(policy, guest, host)).toEqual(plan(policy, guest, host));
    expect(JSON.stringify(policy)).toBe(before);
  }
});
