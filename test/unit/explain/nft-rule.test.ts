import { describe, expect, test } from 'vitest';
import { packetOf } from '../../../src/explain/explain.ts';
import { judgeNftRule } from '../../../src/explain/nft-rule.ts';
import type { Packet } from '../../../src/explain/packet.ts';
import { parseListedRuleset } from '../../../src/netfilter/listed-ruleset.ts';

/** What a rule does to a packet; expressions as nft 1.0.6 and 1.1.3 write them. */
function judge(
  expr: readonly object[],
  changes: Partial<Packet> = {},
  sets: readonly object[] = [],
  table = 't',
) {
  const ruleset = parseListedRuleset(
    JSON.stringify({
      nftables: [
        ...sets,
        {
          chain: {
            family: 'inet',
            table,
            name: 'c',
            type: 'filter',
            hook: 'forward',
            prio: 0,
            policy: 'accept',
          },
        },
        { rule: { family: 'inet', table, chain: 'c', handle: 7, expr } },
      ],
    }),
  );
  const [chain] = ruleset.chains;
  const [rule] = chain?.rules ?? [];
  if (chain === undefined || rule === undefined) throw new Error('no rule');
  const six = changes.family === 'ip6';
  const asked = { address: six ? '2001:db8:1::1' : '198.51.100.1', port: 8080, protocol: 'tcp' as const };
  const packet = {
    ...packetOf(asked, six ? '2001:db8:1::2' : '198.51.100.2', 'eth0'),
    followed: true,
    ...changes,
  };
  const surroundings = {
    addressType: () => 'local' as const,
    addressTypeOn: () => 'local' as const,
    interfaceTo: () => 'eth0',
    firstAddress: () => '198.51.100.1',
  };
  return { outcome: judgeNftRule(rule, { packet, surroundings, ruleset, chain }), packet };
}

const match = (left: object, right: unknown, op = '==') => ({ match: { op, left, right } });
const payload = (protocol: string, field: string) => ({ payload: { protocol, field } });
const ct = (key: string) => ({ ct: { key } });
const accept = { accept: null };
const accepts = (...conditions: object[]) => judge([...conditions, accept]).outcome.kind === 'accept';

describe('questions', () => {
  test("no packet that explain traces has the tag of a guest's port; other programs' questions about frames stay open", () => {
    const bits = { payload: { base: 'll', offset: 0, len: 48 } };
    const tagged = [match({ concat: [{ meta: { key: 'oifname' } }, bits] }, '@tagged'), accept];
    const of = (table: string) => judge(tagged, {}, [], table).outcome.kind;
    expect([of('guestgate'), of('t')]).toEqual(['next', 'unknown']);
  });

  test('addresses, networks, ranges, sets', () => {
    const source = payload('ip', 'saddr');
    expect(accepts(match(source, '198.51.100.2'))).toBe(true);
    expect(accepts(match(source, { prefix: { addr: '198.51.100.0', len: 24 } }))).toBe(true);
    expect(accepts(match(source, { prefix: { addr: '198.51.101.0', len: 24 } }))).toBe(false);
    expect(accepts(match(source, { range: ['198.51.100.1', '198.51.100.9'] }))).toBe(true);
    expect(accepts(match(source, { set: ['10.0.0.1', { prefix: { addr: '198.51.100.0', len: 30 } }] }))).toBe(
      true,
    );
    expect(accepts(match(source, { set: ['10.0.0.1', '198.51.100.2'] }, '!='))).toBe(false);
  });

  test('of another family or protocol they never match, whichever way round', () => {
    expect(accepts(match(payload('ip6', 'saddr'), '2001:db8::1', '!='))).toBe(false);
    expect(accepts(match(payload('udp', 'dport'), 8080, '!='))).toBe(false);
    expect(
      judge([match(payload('ip6', 'saddr'), '2001:db8:1::2'), accept], { family: 'ip6' }).outcome.kind,
    ).toBe('accept');
  });

  test('several in a row, in a named set, with intervals', () => {
    const set = {
      set: {
        family: 'inet',
        table: 't',
        name: 's',
        type: ['ipv4_addr', 'inet_service'],
        elem: [{ elem: { val: { concat: ['198.51.100.1', { range: [8000, 8100] }] }, counter: {} } }],
      },
    };
    const left = { concat: [payload('ip', 'daddr'), payload('th', 'dport')] };
    expect(judge([match(left, '@s'), accept], {}, [set]).outcome.kind).toBe('accept');
    expect(judge([match(left, '@s'), accept], { port: 8101 }, [set]).outcome.kind).toBe('next');
  });

  test('states and statuses', () => {
    expect(accepts(match(ct('state'), 'new', 'in'))).toBe(true);
    expect(accepts(match(ct('state'), ['established', 'related'], 'in'))).toBe(false);
    expect(accepts(match(ct('state'), { set: ['established', 'new'] }))).toBe(true);
    expect(accepts(match(ct('status'), 'dnat', '!'))).toBe(true);
    const translated = { destinationTranslated: true };
    expect(judge([match(ct('status'), 'dnat', 'in'), accept], translated).outcome.kind).toBe('accept');
  });

  test('before connection tracking there is no mark to be asked for, and none to be set', () => {
    const early = { followed: false, connectionMark: 0 };
    expect(judge([match(ct('mark'), 5, '!='), accept], early).outcome.kind).toBe('next');
    expect(judge([match(ct('state'), 'invalid', 'in'), accept], early).outcome.kind).toBe('accept');
    expect(judge([{ mangle: { key: ct('mark'), value: 5 } }], early).packet.connectionMark).toBe(0);
    expect(
      judge([{ mangle: { key: ct('mark'), value: { '|': [ct('mark'), 5] } } }]).packet.connectionMark,
    ).toBe(5);
  });
});

describe('what cannot be judged', () => {
  const strange = match({ meta: { key: 'skuid' } }, 0);

  test('is reported where it matters', () => {
    expect(judge([strange, accept]).outcome.kind).toBe('unknown');
    expect(judge([strange, { drop: null }]).outcome.kind).toBe('unknown');
    expect(judge([{ xt: { type: 'match', name: 'set' } }, accept]).outcome.kind).toBe('unknown');
  });

  test('is no matter where the rule would do nothing, or does not match for another reason', () => {
    expect(judge([strange, { counter: null }]).outcome.kind).toBe('next');
    expect(judge([match(payload('tcp', 'dport'), 1), strange, accept]).outcome.kind).toBe('next');
  });
});

describe('statements', () => {
  const forwards = {
    map: {
      family: 'inet',
      table: 't',
      name: 'm',
      type: 'inet_service',
      map: 'ipv4_addr . inet_service',
      elem: [[{ elem: { val: 8080, counter: {} } }, { concat: ['192.168.122.41', 80] }]],
    },
  };
  const dnat = { dnat: { family: 'ip', addr: { map: { key: payload('th', 'dport'), data: '@m' } } } };

  test('a translation by a map, and none where it has no entry', () => {
    expect(judge([dnat], {}, [forwards])).toMatchObject({
      outcome: { kind: 'translated', what: 'to 192.168.122.41:80' },
      packet: { destination: '192.168.122.41', port: 80, destinationTranslated: true },
    });
    expect(judge([dnat], { port: 8081 }, [forwards]).outcome.kind).toBe('next');
  });

  test('a verdict by a map in the rule', () => {
    const vmap = {
      vmap: {
        key: ct('state'),
        data: {
          set: [
            ['invalid', { drop: null }],
            ['new', { jump: { target: 'x' } }],
          ],
        },
      },
    };
    expect(judge([vmap]).outcome).toEqual({ kind: 'jump', chain: 'x' });
  });

  test('within its limit', () => {
    expect(judge([{ limit: { rate: 1, per: 'second' } }, accept]).outcome.kind).toBe('accept');
    expect(judge([{ limit: { rate: 1, per: 'second', inv: true } }, { drop: null }]).outcome.kind).toBe(
      'next',
    );
    const count = {
      set: {
        op: 'add',
        elem: payload('ip', 'saddr'),
        set: '@d',
        stmt: [{ 'ct count': { val: 9, inv: true } }],
      },
    };
    expect(judge([count, { drop: null }]).outcome.kind).toBe('next');
  });

  test('notrack: nothing is translated after it', () => {
    expect(judge([{ notrack: null }]).packet).toMatchObject({ tracked: false, followed: false });
  });
});

test('labels of a connection: set beside others, and asked for by their numbers', () => {
  const has = (op: string, right: unknown, connectionLabels: number[]) =>
    judge([match(ct('label'), right, op), accept], { connectionLabels }).outcome.kind;
  expect(has('in', 120, [3, 120])).toBe('accept');
  expect(has('in', 120, [3])).toBe('next');
  expect(has('!', 120, [3])).toBe('accept');
  expect(has('in', 'named', [3])).toBe('unknown');
  const set = [{ mangle: { key: ct('label'), value: 121 } }];
  expect(judge(set, { connectionLabels: [3] }).packet.connectionLabels).toEqual([3, 121]);
  expect(judge(set, { connectionLabels: [3], followed: false }).packet.connectionLabels).toEqual([3]);
});
