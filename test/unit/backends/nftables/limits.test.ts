import { expect, test } from 'vitest';
import { limitEntry, renderLimits } from '../../../../src/backends/nftables/limits.ts';
import type { LimitElement } from '../../../../src/model/limit-element.ts';

const ports = { protocol: 'tcp', ports: { first: 80, last: 89 } } as const;
const rate = { connections: 10, per: 'second' } as const;
const rateAt = (at: LimitElement['at']): LimitElement => ({ kind: 'rate-limit', at, rate });
const countAt = (at: LimitElement['at']): LimitElement => ({ kind: 'connection-limit', at, connections: 20 });
const everywhere = { host: 'any', ...ports } as const;

test.each<[string, LimitElement, string, string, string]>([
  ['any address', rateAt(everywhere), 'rated_any', 'tcp . 80-89', 'rate_any_tcp_80-89_10_second'],
  [
    'one address',
    rateAt({ host: '203.0.113.10', ...ports }),
    'rated',
    '203.0.113.10 . tcp . 80-89',
    'rate_203.0.113.10_tcp_80-89_10_second',
  ],
  // A colon is another word to nft.
  [
    'one of IPv6',
    rateAt({ host: '2001:db8::1', ...ports }),
    'rated',
    '2001:db8::1 . tcp . 80-89',
    'rate_2001_db8__1_tcp_80-89_10_second',
  ],
  [
    'an open port',
    rateAt({ guest: '192.168.122.41', ...ports }),
    'rated_open',
    '192.168.122.41 . tcp . 80-89',
    'rate_open_192.168.122.41_tcp_80-89_10_second',
  ],
  ['connections', countAt(everywhere), 'counted_any', 'tcp . 80-89', 'jump count_any_tcp_80-89_20'],
])('the entry of a limit at %s', (_, element, set, key, value) => {
  expect(limitEntry(element)).toEqual({ set, key, value });
});

test('another number is another object: what the kernel counted for the old one is not taken over', () => {
  const other: LimitElement = { kind: 'connection-limit', at: everywhere, connections: 21 };
  expect(limitEntry(countAt(everywhere)).value).not.toBe(limitEntry(other).value);
});

test('a rate is an object that is over so many connections', () => {
  const object = 'limit ip guestgate rate_any_tcp_80-89_10_second';
  expect(renderLimits('add', [rateAt(everywhere)])).toBe(
    `add ${object} { rate over 10/second burst 10 packets; }\n`,
  );
  expect(renderLimits('delete', [rateAt(everywhere)])).toBe(`delete ${object}\n`);
});

test('connections are counted in a set of sources, by the only rule of a chain, however often it is added', () => {
  const name = 'ip6 guestgate count_any6_tcp_80-89_20';
  const six = countAt({ host: 'any6', ...ports });
  expect(renderLimits('add', [six]).split('\n')).toEqual([
    `add set ${name} { type ipv6_addr; size 65535; flags dynamic; }`,
    `add chain ${name}`,
    `flush chain ${name}`,
    `add rule ${name} add @count_any6_tcp_80-89_20 { ip6 saddr ct count over 20 } counter drop`,
    '',
  ]);
  // The chain uses the set.
  expect(renderLimits('delete', [six])).toBe(`delete chain ${name}\ndelete set ${name}\n`);
});

test('elements without a limit need nothing', () => {
  expect(renderLimits('add', [{ kind: 'gateway', address: '192.168.122.1' }])).toBe('');
});
