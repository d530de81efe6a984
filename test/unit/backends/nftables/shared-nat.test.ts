import { expect, test } from 'vitest';
import { sharedNat } from '../../../../src/backends/nftables/shared-nat.ts';

test('what has ports is translated to high ones before the rest', () => {
  expect(sharedNat('ip6').trim().split(/\n\s*/)).toEqual([
    'meta l4proto { tcp, udp, sctp } snat to ip6 saddr . oifname map @shared_nat : 32768-60999',
    'snat to ip6 saddr . oifname map @shared_nat',
    'meta l4proto { tcp, udp, sctp } snat to ip6 saddr . oifname map @network_nat : 32768-60999',
    'snat to ip6 saddr . oifname map @network_nat',
    'meta l4proto { tcp, udp, sctp } ct label 122 masquerade to :32768-60999',
    'ct label 122 masquerade',
  ]);
});
