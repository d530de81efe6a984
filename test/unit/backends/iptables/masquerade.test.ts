import { expect, test } from 'vitest';
import { masqueradeRule } from '../../../../src/backends/iptables/masquerade.ts';

const guest = '192.168.122.41';
const ports = { first: 80, last: 81 };

test.each([
  [{ host: 'any', protocol: 'tcp', ports }, '-p tcp -m conntrack --ctorigdstport 80:81'],
  [
    { host: '203.0.113.1', protocol: 'udp', ports: { first: 53, last: 53 } },
    '-p udp -m conntrack --ctorigdst 203.0.113.1 --ctorigdstport 53',
  ],
  [{ host: '203.0.113.1' }, '-m conntrack --ctorigdst 203.0.113.1'],
] as const)('%j is matched by where the connection was addressed to', (claim, match) => {
  const { chain, rule } = masqueradeRule({ kind: 'masquerade', claim, guest }, '-m comment --comment web');
  expect(chain).toBe('GUESTGATE-MASQUERADE');
  expect(rule).toBe(`-d ${guest} ${match} -m comment --comment web -j MASQUERADE`);
});
