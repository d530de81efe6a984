import { expect, test } from 'vitest';
import { spoofingRules } from '../../../../src/backends/iptables/spoofing.ts';

const bridge = (name: string, uplink?: true) =>
  ({ kind: 'hairpin' as const, bridge: name, ...(uplink && { uplink }) }) as const;

test('what comes from a guest bridge is checked, but not what comes by an uplink', () => {
  const rules = spoofingRules([bridge('virbr0'), bridge('br0', true)], 'ip');
  expect(rules['GUESTGATE-SPOOFED']).toEqual(['-i virbr0 -j GUESTGATE-STRANGE']);
});

test('loopback addresses are dropped whichever bridges are known, in IPv4', () => {
  expect(
    spoofingRules([], 'ip')['GUESTGATE-PREROUTING']?.filter((rule) => rule.includes('127.')),
  ).toHaveLength(2);
  expect(spoofingRules([], 'ip6')['GUESTGATE-PREROUTING']?.join()).not.toContain('127.');
});
