import { expect, test } from 'vitest';
import { renderSets } from '../../../../src/backends/nftables/sets.ts';

const lines = renderSets('ipv6_addr')
  .trim()
  .split('\n')
  .map((line) => line.trim());
const named = (name: string) => lines.find((line) => line.split(' ')[1] === name) ?? '';

test('no set is there twice', () => {
  const all = lines.map((line) => line.split(' ')[1]);
  expect(new Set(all).size).toBe(all.length);
});

test('addresses are of the family', () => {
  expect(renderSets('ipv6_addr')).not.toContain('ipv4_addr');
  expect(named('absent')).toBe('set absent { type ipv6_addr; }');
});

test('what has one exact key per port is a hash: an interval set of fifty thousand ports takes half a minute to load', () => {
  for (const name of ['forward', 'forward_any', 'public', 'open', 'source_nat', 'outgoing'])
    expect(named(name), name).not.toContain('interval');
});

test('ranges and networks need intervals', () => {
  for (const name of ['range', 'range_any', 'open_range', 'sources', 'sources_any', 'denied', 'network_nat'])
    expect(named(name), name).toContain('flags interval');
});

test('all that forwards or opens counts, and nothing else', () => {
  expect(lines.filter((line) => line.includes('counter')).map((line) => line.split(' ')[1])).toEqual([
    'forward',
    'forward_any',
    'range',
    'range_any',
    'public',
    'open',
    'open_range',
  ]);
});
