import { expect, test } from 'vitest';
import {
  labelled,
  labelledNetwork,
  renderElements,
  tableEntries,
} from '../../../../src/backends/nftables/render-elements.ts';
import { forwardOf } from '../../records.ts';

test('an entry of a network shows no guest, unless one is absent', () => {
  expect(labelledNetwork({ kind: 'gateway', address: '192.168.122.1' })).not.toHaveProperty('label');
  expect(labelledNetwork({ kind: 'absent', address: '203.0.113.9', guest: '-x;' }).label).toBe('-x%3B');
});

test('each entry goes into the table of its family', () => {
  const entries = labelled([forwardOf(80), forwardOf(80, { host: 'any6', guest: 'fd00::2' })], 'web').flatMap(
    tableEntries,
  );
  expect(entries.map(({ family, set, label }) => `${family} ${set} ${label}`)).toEqual([
    'ip forward_any web',
    'ip answering web',
    'ip6 forward_any web',
    'ip6 answering web',
  ]);
});

test('what limits a connection is made before the entry that leads to it', () => {
  const at = { host: 'any', protocol: 'tcp', ports: { first: 80, last: 80 } } as const;
  const text = renderElements(
    labelled([forwardOf(80), { kind: 'rate-limit', at, rate: { connections: 5, per: 'second' } }], 'web'),
  );
  const made = text.indexOf('add limit ip guestgate rate_');
  expect(made).toBe(0);
  expect(text.indexOf('add element ip guestgate rated_any')).toBeGreaterThan(made);
});

test('no elements are no text', () => {
  expect(renderElements([])).toBe('');
});
