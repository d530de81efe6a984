import { expect, test } from 'vitest';
import { packetOf } from '../../../src/explain/explain.ts';
import { ask } from '../../../src/explain/iptables-match.ts';
import type { Packet } from '../../../src/explain/packet.ts';

const packet: Packet = {
  ...packetOf({ address: '198.51.100.1', port: 8080, protocol: 'tcp' }, '198.51.100.2', 'eth0'),
  output: 'virbr0',
  followed: true,
  mark: 0x12,
  connectionMark: 0x80000001,
};
const surroundings = {
  addressType: () => 'local' as const,
  addressTypeOn: () => 'local' as const,
  interfaceTo: () => 'eth0',
  firstAddress: () => undefined,
};

/** `module option words`, with `!` before it where it is negated. */
function answer(text: string, changes: Partial<Packet> = {}) {
  const words = text.split(' ');
  const negated = words[0] === '!';
  const [module = '', option = '', ...rest] = negated ? words.slice(1) : words;
  return ask({ module, option, words: rest, negated }, { ...packet, ...changes }, surroundings);
}

test.each([
  ['- -s 198.51.100.0/24', true],
  ['- -s 198.51.100.2/32', true],
  ['- -s 203.0.113.0/24', false],
  ['! - -s 203.0.113.0/24', true],
  ['- -s not-an-address', undefined],
  ['! - -s not-an-address', undefined],
  ['- -i eth+', true],
  ['- -i eth', false],
  ['- -o virbr0', true],
  ['- -p all', true],
  ['- -p udp', false],
  ['tcp --dport 8080', true],
  ['tcp --dport :8080', true],
  ['tcp --dport 8081:', false],
  ['tcp --sport 49999', true],
  ['multiport --dports 80,8000:8100', true],
  ['multiport --ports 1,49999', true],
  ['conntrack --ctstate NEW', true],
  ['conntrack --ctstate INVALID,UNTRACKED', false],
  ['conntrack --ctstate DNAT', false],
  ['mark --mark 0x2/0xf', true],
  ['mark --mark 0x12', true],
  ['connmark --mark 0x80000000/0x80000000', true],
  ['connmark --mark 0x1', false],
  ['addrtype --dst-type LOCAL', true],
  ['addrtype --dst-type BROADCAST,MULTICAST', false],
  ['addrtype --dst-type ANYCAST', undefined],
  ['conntrack --ctorigdst 198.51.100.1', true],
  ['conntrack --ctorigdstport 8080', true],
  ['conntrack --ctdir REPLY', false],
  ['tcp --syn', true],
  ['icmp --icmp-type 8', false],
  ['iprange --src-range 198.51.100.1-198.51.100.9', undefined],
  ['limit --limit 3/min', true],
  ['physdev --physdev-is-bridged', false],
  ['! physdev --physdev-is-bridged', true],
  ['set --match-set banned', undefined],
])('%s: %s', (text, expected) => {
  expect(answer(text)).toBe(expected);
});

test('what the host itself sends has no input, and what is not followed no connection', () => {
  const { input: _, ...own } = packet;
  expect(ask({ module: '', option: '-i', words: ['+'], negated: false }, own, surroundings)).toBe(false);
  expect(answer('connmark --mark 0x0', { followed: false })).toBe(false);
  expect(answer('! connmark --mark 0x1', { followed: false })).toBe(false);
  expect(answer('conntrack --ctstate INVALID', { followed: false })).toBe(true);
  expect(answer('conntrack --ctstate UNTRACKED', { tracked: false })).toBe(true);
  expect(answer('conntrack --ctstate DNAT', { destinationTranslated: true })).toBe(true);
});

test.each([
  ['FIN,SYN,RST,ACK SYN', true],
  ['ALL SYN', true],
  ['SYN,FIN SYN,FIN', false],
  ['ALL NONE', false],
  ['FIN,ACK NONE', true],
  ['SYN NONE', false],
])('a first packet of tcp has the flags %s: %s', (flags, expected) => {
  expect(answer(`tcp --tcp-flags ${flags}`)).toBe(expected);
});
