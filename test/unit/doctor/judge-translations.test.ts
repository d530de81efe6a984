import { describe, expect, test } from 'vitest';
import { judgeTranslations } from '../../../src/doctor/judge-translations.ts';
import type { ChainDecision } from '../../../src/explain/traced.ts';
import { knowledge, outside, tried } from './tried.ts';

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
