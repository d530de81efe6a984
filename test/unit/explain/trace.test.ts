import { expect, test } from 'vitest';
import { packetOf } from '../../../src/explain/explain.ts';
import { ties, traceOf } from '../../../src/explain/trace.ts';
import { parseListedRuleset } from '../../../src/netfilter/listed-ruleset.ts';

/** Base chains of the forward hook, each in a table of its name. */
function traced(...chains: readonly { name: string; prio: number; policy: string }[]) {
  return trace(
    chains.map((one) => ({
      chain: { family: 'ip', table: one.name, hook: 'forward', type: 'filter', ...one },
    })),
  );
}

/** A chain of one priority for each target, which translates the destination to it. */
function translated(...targets: readonly string[]) {
  const base = { family: 'ip', name: 'c', hook: 'prerouting', type: 'nat', prio: -100, policy: 'accept' };
  return trace(
    targets.flatMap((addr, index) => [
      { chain: { ...base, table: `t${index}` } },
      {
        rule: {
          family: 'ip',
          table: `t${index}`,
          chain: 'c',
          handle: 1,
          expr: [{ dnat: { addr, port: 80 } }],
        },
      },
    ]),
  );
}

function trace(objects: readonly object[]) {
  const rules = {
    family: 'ip',
    ties: 'newer',
    ruleset: parseListedRuleset(JSON.stringify({ nftables: objects })),
    texts: new Map(),
    saved: { nft: [], legacy: [] },
  } as const;
  const host = {
    route: () => ({ kind: 'out' as const, interface: 'virbr0' }),
    addressType: () => 'unicast' as const,
    addressTypeOn: () => 'unicast' as const,
    interfaceTo: () => 'eth0',
    firstAddress: () => undefined,
  };
  return traceOf(
    packetOf({ address: '10.0.0.1', port: 80, protocol: 'tcp' }, '192.0.2.1', 'eth0'),
    rules,
    host,
  );
}

test('the order of two chains of one priority does not matter where both lead to one result', () => {
  const way = traced({ name: 'a', prio: 0, policy: 'accept' }, { name: 'b', prio: 0, policy: 'drop' });
  expect(way).toMatchObject({ verdict: 'dropped', doubts: [] });
});

test('a packet that nothing drops is forwarded', () => {
  expect(traced({ name: 'a', prio: 0, policy: 'accept' })).toMatchObject({
    verdict: 'passed',
    output: 'virbr0',
    destination: '10.0.0.1',
  });
});

test('which of two translations of one priority comes first, the kernel does not show: the trace says so', () => {
  const way = translated('10.0.0.2', '10.0.0.3');
  expect(way.doubts).toEqual([
    {
      chain: ties,
      rule: 'passed, or passed',
      did: 'the result depends on which chain was registered first',
    },
  ]);
  expect(translated('10.0.0.2', '10.0.0.2').doubts).toEqual([]);
});
