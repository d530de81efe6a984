import { expect, test } from 'vitest';
import { sourceTranslations } from '../../../../src/backends/iptables/source-translations.ts';

test('a shared address gives each protocol with ports high ones, before the rest', () => {
  expect(sourceTranslations('-o eth0', '2001:db8::1')).toEqual([
    ...['tcp', 'udp', 'sctp'].map(
      (protocol) => `-o eth0 -p ${protocol} -j SNAT --to-source [2001:db8::1]:32768-60999`,
    ),
    '-o eth0 ! -p tcp -j SNAT --to-source 2001:db8::1',
  ]);
});

test('an address of its own keeps the ports', () => {
  expect(sourceTranslations('-o eth0', '203.0.113.1', false)).toEqual([
    '-o eth0 -j SNAT --to-source 203.0.113.1',
  ]);
});
