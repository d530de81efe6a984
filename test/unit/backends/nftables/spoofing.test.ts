import { expect, test } from 'vitest';
import { renderSpoofing } from '../../../../src/backends/nftables/spoofing.ts';

test('only IPv4 has loopback addresses that a bridge may route', () => {
  expect(renderSpoofing('ip')).toContain('chain loopback');
  expect(renderSpoofing('ip6')).not.toContain('127.');
});

test('a source is checked where it is a guest’s that may leave, or comes from a guest network', () => {
  const chain = renderSpoofing('ip6').split('chain spoofed')[0] ?? '';
  const checks = chain.split('\n').filter((line) => line.includes('fib'));
  expect(checks).toHaveLength(2);
  for (const check of checks)
    expect(check).toMatch(/ct state new .*(ip6 saddr @leaving|iifname @inner) fib /);
});
