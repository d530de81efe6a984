import { describe, expect, test } from 'vitest';
import { judgeObstacles } from '../../../src/doctor/judge-forwards.ts';
import type { Origin } from '../../../src/doctor/origins.ts';
import type { ChainDecision, Obstacle } from '../../../src/explain/traced.ts';
import { host, knowledge, outside, tried } from './tried.ts';

function chain(decision: Partial<ChainDecision>): Obstacle {
  return {
    kind: 'chain',
    verdict: 'dropped',
    hook: 'forward',
    chain: 'inet filter forward',
    words: 'nft',
    priority: 0,
    ...decision,
  };
}
const judge = (obstacle: Obstacle, ...origins: readonly Origin[]) =>
  judgeObstacles(
    [outside, host].map((origin) => tried(origin, { obstacles: origins.includes(origin) ? [obstacle] : [] })),
    knowledge,
  );

describe('what ends the way of packets', () => {
  test('a policy gets an accept at its end, a rule one before it: what the chain refuses earlier stays refused', () => {
    expect(judge(chain({}), outside)).toMatchObject([
      {
        severity: 'everything',
        subject: 'chain inet filter forward',
        problem: 'it drops connections from outside (eth0) to *:8080/udp of guest "web" (its policy)',
        fix: 'nft add rule inet filter forward ct mark and 0x10000000 == 0x10000000 accept',
      },
    ]);
    const hit = { chain: 'guests', rule: 'counter drop', did: 'drop', handle: 7 };
    expect(judge(chain({ hit }), outside)).toMatchObject([
      {
        details: ['guests: counter drop'],
        fix: 'nft insert rule inet filter guests handle 7 ct mark and 0x10000000 == 0x10000000 accept',
      },
    ]);
  });

  test('before connections carry the mark, and in iptables, the command only shows the rule', () => {
    const hit = { chain: 'pre', rule: 'tcp dport 80 drop', did: 'drop', handle: 3 };
    const raw = chain({ hook: 'prerouting', chain: 'ip x pre', priority: -300, hit });
    expect(judge(raw, outside)).toMatchObject([{ fix: 'nft -a list chain ip x pre' }]);
    const saved = { chain: 'mine', rule: '-A mine -j DROP', did: 'drop' };
    const mangle = chain({ chain: 'iptables mangle FORWARD', words: 'iptables', priority: -150, hit: saved });
    expect(judge(mangle, outside)).toMatchObject([
      { subject: 'iptables mangle FORWARD', fix: 'iptables -t mangle -L mine -nv --line-numbers' },
    ]);
  });

  test('connections of the host alone are a warning, and those of our own chains are no obstacle', () => {
    expect(judge(chain({}), host)).toMatchObject([{ severity: 'later' }]);
    expect(judge(chain({ chain: 'ip guestgate admission' }), outside)).toEqual([]);
    const own = { chain: 'GUESTGATE-ADMIT', rule: '-A GUESTGATE-ADMIT -j DROP', did: 'drop' };
    expect(judge(chain({ chain: 'iptables mangle FORWARD', words: 'iptables', hit: own }), outside)).toEqual(
      [],
    );
  });

  test('one obstacle of many connections is one finding', () => {
    expect(judge(chain({}), outside, host)).toMatchObject([
      { problem: expect.stringContaining('from outside (eth0) and from the host to') },
    ]);
  });

  test('routing: each reason has its command, and a loose rp_filter no looser one', () => {
    const route = (why: 'forwarding' | 'rp-filter' | 'no-route'): Obstacle => ({
      kind: 'routing',
      why,
      to: '192.168.122.41',
      input: 'eth0.7',
    });
    const fixes = (why: Parameters<typeof route>[0], more: Partial<typeof knowledge> = {}) =>
      judgeObstacles([tried(outside, { obstacles: [route(why)] })], { ...knowledge, ...more }).map(
        ({ fix }) => fix,
      );
    expect(fixes('forwarding')).toEqual(['sysctl -w net.ipv4.conf.eth0/7.forwarding=1']);
    expect(fixes('forwarding', { forwardingIsOff: true })).toEqual([]);
    expect(fixes('rp-filter')).toEqual(['sysctl -w net.ipv4.conf.eth0/7.rp_filter=2']);
    expect(fixes('rp-filter', { rpFilter: () => 2 as 1 })).toEqual(['ip route; ip rule']);
    expect(fixes('no-route')[0]).toContain('ip route get 192.168.122.41');
  });
});
