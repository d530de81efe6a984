import { expect, test } from 'vitest';
import { type HostProtection, isProtection, protectsAnything } from '../../../src/model/protection.ts';

const nothing: HostProtection = { icmp: 'all', reject: [], sshPorts: [{ first: 22, last: 22 }] };

test('a table that asks for nothing protects nothing', () => {
  expect(protectsAnything({ ...nothing, log: { connections: 1, per: 'minute' } })).toBe(false);
  expect(protectsAnything({ ...nothing, icmp: 'needed' })).toBe(true);
  expect(protectsAnything({ ...nothing, sshFrom: [] })).toBe(true);
  expect(protectsAnything({ ...nothing, pingSize: 0 })).toBe(true);
});

test('what a file of the state holds is checked before it becomes rules', () => {
  expect(isProtection({ ...nothing, sshFrom: ['192.0.2.0/24'] })).toBe(true);
  expect(isProtection({ ...nothing, sshFrom: ['x } ; flush ruleset'] })).toBe(false);
  expect(isProtection({ ...nothing, pingRate: { connections: '1; drop', per: 'second' } })).toBe(false);
  expect(isProtection({ ...nothing, reject: [{ protocol: 'tcp', ports: { first: '1', last: 2 } }] })).toBe(
    false,
  );
});
