import { expect, test } from 'vitest';
import { renderSpoofing } from '../../../../src/backends/nftables/spoofing.ts';

const bit = '0x10';
const chainOf = (name: string) =>
  renderSpoofing('ip6', bit).split(`chain ${name} {`)[1]?.split('}\n')[0] ?? '';

test('only IPv4 has loopback addresses that a bridge may route', () => {
  expect(renderSpoofing('ip', bit)).toContain('chain loopback');
  expect(renderSpoofing('ip6', bit)).not.toContain('127.');
});

test('a source is checked where it is a guest’s that may leave, or comes from a guest network', () => {
  const checks = chainOf('origin')
    .split('\n')
    .filter((line) => line.includes('fib'));
  expect(checks).toHaveLength(2);
  for (const check of checks) expect(check).toMatch(/(ip6 saddr @leaving|iifname @inner) fib /);
});

test('later packets are checked in connections that carry our bit alone, and answers of a guest with one interface', () => {
  expect(renderSpoofing('ip6', bit)).toContain('ct mark & 0x10 == 0x10 jump later');
  expect(chainOf('later')).toContain(
    'ct direction reply ip6 saddr @answering ip6 saddr != @roaming fib saddr . iif oif missing counter drop',
  );
});
