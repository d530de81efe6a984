import { expect, test } from 'vitest';
import { packetOf } from '../../../src/explain/explain.ts';
import type { Route } from '../../../src/explain/host-facts.ts';
import { traceBeyond, traceOf } from '../../../src/explain/trace.ts';
import { parseSavedTables } from '../../../src/netfilter/iptables-save.ts';

const saved = `*raw
:PREROUTING ACCEPT [0:0]
-A PREROUTING -p tcp -m tcp --dport 81 -j CT --notrack
COMMIT
*filter
:FORWARD DROP [0:0]
COMMIT
`;
const rules = {
  family: 'ip',
  ties: 'newer',
  ruleset: { chains: [], sets: [] },
  texts: new Map(),
  saved: { nft: [], legacy: parseSavedTables(saved) },
} as const;
const host = (route: Route) => ({
  route: () => route,
  addressType: () => 'unicast' as const,
  addressTypeOn: () => 'unicast' as const,
  interfaceTo: () => 'eth0',
  firstAddress: () => undefined,
});
const packet = (port: number) =>
  packetOf({ address: '10.0.0.1', port, protocol: 'tcp' }, '192.0.2.1', 'eth0');
const off: Route = { kind: 'none', why: 'forwarding', otherwise: 'virbr0' };

test('a trace ends at the first obstacle, and beyond it finds the others', () => {
  const first = traceOf(packet(80), rules, host(off));
  expect(first).toMatchObject({ verdict: 'dropped', at: 'routing', obstacles: [{ why: 'forwarding' }] });
  const beyond = traceBeyond(packet(80), rules, host(off));
  expect(beyond.obstacles).toMatchObject([
    { why: 'forwarding' },
    { chain: 'iptables-legacy filter FORWARD' },
  ]);
  expect(beyond.output).toBe('virbr0');
});

test('without a route there is nothing beyond', () => {
  const none = traceBeyond(packet(80), rules, host({ kind: 'none', why: 'no-route' }));
  expect(none).toMatchObject({ verdict: 'unroutable', obstacles: [{ why: 'no-route', to: '10.0.0.1' }] });
});

test('the rule that excepts a packet from connection tracking is kept', () => {
  const out = host({ kind: 'out', interface: 'virbr0' });
  expect(traceBeyond(packet(81), rules, out).untrackedBy?.hit?.rule).toContain('--notrack');
  expect(traceBeyond(packet(80), rules, out).untrackedBy).toBeUndefined();
});
