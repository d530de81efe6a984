import { describe, expect, test } from 'vitest';
import { byCause } from '../../../src/doctor/causes.ts';
import type { HostFinding } from '../../../src/doctor/check.ts';
import { judgeObstacles } from '../../../src/doctor/judge-forwards.ts';
import { judgeRoutes } from '../../../src/doctor/judge-routes.ts';
import { judgeTranslations } from '../../../src/doctor/judge-translations.ts';
import type { Origin } from '../../../src/doctor/origins.ts';
import { type Target, targetsOf } from '../../../src/doctor/targets.ts';
import type { Tried } from '../../../src/doctor/try-forwards.ts';
import { judgeFlows } from '../../../src/doctor/unanswered.ts';
import type { ChainDecision, Obstacle, Trace } from '../../../src/explain/traced.ts';
import { headRuleFault } from '../../../src/model/finding.ts';
import type { Flow } from '../../../src/model/flow.ts';

const [target] = targetsOf([
  {
    guest: { driver: 'qemu', name: 'web', nics: [{ bridge: 'virbr0', addresses: [] }] },
    elements: [
      {
        kind: 'forward',
        host: 'any',
        protocol: 'udp',
        ports: { first: 8080, last: 8080 },
        guest: '192.168.122.41',
        to: 80,
      },
    ],
  },
]) as [Target];
const outside: Origin = { kind: 'outside', source: '192.0.2.1', input: 'eth0', destination: '198.51.100.1' };
const host: Origin = { kind: 'host', source: '198.51.100.1', destination: '198.51.100.1' };
const knowledge = { mark: 0x10000000, forwardingIsOff: false, rpFilter: () => 1, rulesDiffer: false };

function tried(origin: Origin, trace: Partial<Trace> = {}, bare: Partial<Trace> = {}): Tried {
  const whole: Trace = {
    stations: [],
    verdict: 'passed',
    destination: '192.168.122.41',
    port: 80,
    to: '192.168.122.41:80',
    output: 'virbr0',
    doubts: [],
    obstacles: [],
    ...trace,
  };
  return { targets: [target], origin, trace: whole, bare: { ...whole, ...bare } };
}

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

test('a route that leads out by an uplink names the bridge that should have it', () => {
  expect(judgeRoutes([tried(outside)], ['eth0'])).toEqual([]);
  expect(judgeRoutes([tried(outside, { output: 'tun0' })], ['eth0'])).toEqual([]);
  expect(judgeRoutes([tried(outside, { output: 'eth0' })], ['eth0'])).toMatchObject([
    { subject: 'virbr0', fix: expect.stringContaining('ip link set virbr0 up') },
  ]);
});

describe('translations', () => {
  const rule = (chainName: string, text: string, words: 'nft' | 'iptables' = 'iptables'): ChainDecision => ({
    hook: 'prerouting',
    chain: words === 'nft' ? 'inet netavark PREROUTING' : 'iptables nat PREROUTING',
    words,
    priority: -100,
    hit: { chain: chainName, rule: text, did: 'to 172.17.0.2:80', ...(words === 'nft' && { handle: 9 }) },
  });
  const dnat = '-A PREROUTING -p udp --dport 8080 -j DNAT --to-destination 172.17.0.2:80';

  test('a hidden rule: its own program removes it, or its command', () => {
    const hidden = (translatedBy: ChainDecision) =>
      judgeTranslations([tried(outside, {}, { translatedBy, to: '172.17.0.2:80' })], knowledge);
    expect(hidden(rule('PREROUTING', dnat))).toMatchObject([
      { severity: 'later', fix: `iptables -t nat -D ${dnat.slice(3)}` },
    ]);
    expect(hidden(rule('DOCKER', '-A DOCKER -j DNAT'))).toMatchObject([
      {
        problem: expect.stringMatching(/^a rule of Docker translates the same connections/),
        fix: 'docker ps',
      },
    ]);
    expect(hidden(rule('hostports', 'udp dport 8080 dnat', 'nft'))).toMatchObject([{ fix: 'podman ps' }]);
  });

  test('a rule that comes before ours blocks the forward, and so does one that excepts it from tracking', () => {
    const away = { destination: '172.17.0.2', to: '172.17.0.2:80' };
    expect(
      judgeTranslations([tried(outside, { ...away, translatedBy: rule('PREROUTING', dnat) })], knowledge),
    ).toMatchObject([{ severity: 'everything', problem: expect.stringContaining('before guestgate does') }]);
    const untrackedBy = rule('PREROUTING', '-A PREROUTING -j CT --notrack');
    const local = { destination: '198.51.100.1', verdict: 'host', untrackedBy } as const;
    expect(judgeTranslations([tried(outside, local)], knowledge)).toMatchObject([
      { problem: expect.stringContaining('from connection tracking') },
    ]);
  });

  test('no rule at all is a finding only where check has none', () => {
    const local = { destination: '198.51.100.1', to: '198.51.100.1:8080', verdict: 'host' } as const;
    expect(judgeTranslations([tried(outside, local)], knowledge)).toHaveLength(1);
    expect(judgeTranslations([tried(outside, local)], { ...knowledge, rulesDiffer: true })).toEqual([]);
  });
});

test('a head rule that is not first blocks what a trace saw end there, and is one finding with it', () => {
  const cause = 'iptables filter FORWARD';
  const headRule: HostFinding = { subject: 'kernel', ...headRuleFault('iptables FORWARD'), fix: 'x', cause };
  const traced: HostFinding = { subject: cause, problem: 'it drops', severity: 'something', fix: 'y', cause };
  expect(byCause([headRule])).toMatchObject([{ kind: 'head-rule', severity: 'later' }]);
  expect(byCause([headRule, traced])).toMatchObject([{ kind: 'head-rule', severity: 'something' }]);
  expect(byCause([traced])).toEqual([traced]);
});

test('connections that a guest never answered; one answer clears it', () => {
  const flow = (source: string, answered: boolean): Flow => ({
    protocol: 17,
    original: { source, destination: '198.51.100.1', sourcePort: 5000, destinationPort: 8080 },
    reply: { source: '192.168.122.41', destination: source, sourcePort: 80, destinationPort: 5000 },
    assured: false,
    answered,
    mark: 0,
  });
  expect(judgeFlows([target], [flow('203.0.113.5', false), flow('203.0.113.6', false)])).toMatchObject([
    {
      problem: expect.stringContaining(
        '192.168.122.41:80/udp has not answered 203.0.113.5, 203.0.113.6, whose',
      ),
    },
  ]);
  expect(judgeFlows([target], [flow('203.0.113.5', false), flow('203.0.113.6', true)])).toEqual([]);
  expect(judgeFlows([target], [])).toEqual([]);
});
