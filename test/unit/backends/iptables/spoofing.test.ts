import { expect, test } from 'vitest';
import { spoofingRules } from '../../../../src/backends/iptables/spoofing.ts';

const bridge = (name: string, uplink?: true) =>
  ({ kind: 'hairpin' as const, bridge: name, ...(uplink && { uplink }) }) as const;

const bit = '0x10/0x10';

test('what comes from a guest bridge is checked, but not what comes by an uplink', () => {
  const rules = spoofingRules([bridge('virbr0'), bridge('br0', true)], 'ip', bit);
  expect(rules['GUESTGATE-SPOOFED']).toEqual(['-i virbr0 -j GUESTGATE-STRANGE']);
});

test('loopback addresses are dropped whichever bridges are known, in IPv4', () => {
  expect(
    spoofingRules([], 'ip', bit)['GUESTGATE-PREROUTING']?.filter((rule) => rule.includes('127.')),
  ).toHaveLength(2);
  expect(spoofingRules([], 'ip6', bit)['GUESTGATE-PREROUTING']?.join()).not.toContain('127.');
});

test.each(['ip', 'ip6'] as const)(
  '%s: later packets are checked in connections that carry our bit alone',
  (family) => {
    const rules = spoofingRules([], family, bit)['GUESTGATE-PREROUTING'] ?? [];
    const later = rules.filter((rule) => rule.includes('ESTABLISHED'));
    expect(later.map((rule) => rule.split(' ').at(-1))).toEqual(['GUESTGATE-SPOOFED', 'GUESTGATE-ANSWERS']);
    for (const rule of later) expect(rule).toMatch(/^-m connmark --mark 0x10\/0x10 .* -m rpfilter --invert /);
  },
);
