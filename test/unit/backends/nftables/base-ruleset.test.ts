import { expect, test } from 'vitest';
import { renderBaseRuleset } from '../../../../src/backends/nftables/base-ruleset.ts';
import { families } from '../../../../src/model/address.ts';

const mark = 0x10000000;

test.each(families)('%s: each chain and set that a rule names is in the table', (family) => {
  const text = renderBaseRuleset(mark, family);
  const made = new Set([...text.matchAll(/^\t(?:map|set|chain) (\w+)/gm)].map(([, name]) => name));
  for (const [, name] of text.matchAll(/(?:@|jump |goto )(?!th,)([a-z]\w*)/g))
    expect(made, name).toContain(name);
});

test.each(families)('%s: only our bit is ever written to the mark of a connection', (family) => {
  const written = [
    ...renderBaseRuleset(0x4, family).matchAll(/ct mark set (.*?)(?= ct label| return| accept|$)/gm),
  ];
  expect(written.length).toBeGreaterThan(3);
  for (const [, value] of written) expect(value).toMatch(/^ct mark (\| 0x00000004|& 0xfffffffb)/);
});

test('our nat chains come before those of Docker, kube and firewalld, and share no priority with them', () => {
  const hooks = [...renderBaseRuleset(mark).matchAll(/type nat hook (\w+) priority (\S+(?: - \d+)?);/g)];
  expect(hooks.map(([, hook, priority]) => `${hook} ${priority}`)).toEqual([
    'prerouting dstnat - 10',
    'output -110',
    'postrouting srcnat - 10',
  ]);
});

test('no base chain drops by its policy: what is not ours is left to other programs', () => {
  for (const family of families) expect(renderBaseRuleset(mark, family)).not.toContain('policy drop');
});

test('loopback and link-local addresses are no address of the host for forwards at any address', () => {
  expect(renderBaseRuleset(mark, 'ip')).toContain('fib daddr type local ip daddr != 127.0.0.0/8');
  expect(renderBaseRuleset(mark, 'ip6')).toContain('ip6 daddr != ::1 ip6 daddr != fe80::/10');
});

test('neighbours are found at the address of an absent guest in IPv6 alone, where the kernel asks by ICMP', () => {
  expect(renderBaseRuleset(mark, 'ip6')).toContain('nd-neighbor-solicit');
  expect(renderBaseRuleset(mark, 'ip')).not.toContain('icmp');
});

test('a family’s table has the words of that family', () => {
  expect(renderBaseRuleset(mark, 'ip6')).not.toMatch(/\bip (saddr|daddr)|ipv4_addr/);
  expect(renderBaseRuleset(mark, 'ip')).not.toMatch(/\bip6\b|ipv6_addr/);
});
