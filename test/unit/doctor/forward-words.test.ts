import { expect, test } from 'vitest';
import { describeTargets, describeWhence } from '../../../src/doctor/forward-words.ts';
import { host, outside, target } from './tried.ts';

test('some forwards by name, the rest by their number', () => {
  const other = { ...target, name: '*:9/tcp', guest: { ...target.guest, name: 'db' } };
  expect(describeTargets([target])).toBe('*:8080/udp of guest "web"');
  expect(describeTargets([target, other, target, other, other])).toBe(
    '*:8080/udp, *:8080/udp of guest "web", *:9/tcp of guest "db" and 2 more',
  );
});

test('each side once, with the interfaces', () => {
  const guest = { ...outside, kind: 'guest', input: 'virbr0' } as const;
  expect(describeWhence([outside, { ...outside, input: 'eth1' }])).toBe('from outside (eth0, eth1)');
  expect(describeWhence([guest, host, outside, outside])).toBe(
    'from outside (eth0), from the host and from guests (virbr0)',
  );
});
