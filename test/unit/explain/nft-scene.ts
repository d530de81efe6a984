import { packetOf } from '../../../src/explain/explain.ts';
import type { Scene } from '../../../src/explain/nft-value.ts';
import type { Packet } from '../../../src/explain/packet.ts';
import { parseListedRuleset } from '../../../src/netfilter/listed-ruleset.ts';

/** A packet for TCP 198.51.100.1:8080 that meets a chain of `inet t`, beside these sets. */
export function sceneOf(changes: Partial<Packet> = {}, sets: readonly object[] = []): Scene {
  const base = {
    family: 'inet',
    table: 't',
    name: 'c',
    type: 'filter',
    hook: 'forward',
    prio: 0,
    policy: 'accept',
  };
  const ruleset = parseListedRuleset(JSON.stringify({ nftables: [...sets, { chain: base }] }));
  const [chain] = ruleset.chains;
  if (chain === undefined) throw new Error('no chain');
  const asked = { address: '198.51.100.1', port: 8080, protocol: 'tcp' as const };
  return {
    packet: { ...packetOf(asked, '192.0.2.1', 'eth0'), followed: true, ...changes },
    surroundings: {
      addressType: () => 'local',
      addressTypeOn: () => 'local',
      interfaceTo: () => 'eth0',
      firstAddress: () => undefined,
    },
    ruleset,
    chain,
  };
}
