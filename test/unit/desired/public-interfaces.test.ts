import { expect, test } from 'vitest';
import { judgeInterfaces, missingInterfaces } from '../../../src/desired/public-interfaces.ts';
import { defaultHostPolicy } from '../../../src/model/policy.ts';

const judge = (names: readonly string[], ...existing: readonly string[]) =>
  judgeInterfaces(names, (name) => existing.includes(name)).map(({ problem, severity }) => [
    severity,
    problem,
  ]);

test('interfaces that exist are no finding', () => {
  expect(judge(['eth0', 'ppp0'], 'eth0', 'ppp0')).toEqual([]);
});

test('where none exists, everything is closed', () => {
  expect(judge(['eth9', 'ppp0'], 'eth0')).toEqual([
    [
      'everything',
      'no interface has the name eth9 or ppp0: forwards without an address are closed from outside',
    ],
  ]);
});

test('where some exist, the others may be uplinks that come later', () => {
  expect(judge(['eth0', 'ppp0'], 'eth0')).toEqual([
    [
      'later',
      'no interface has the name ppp0: forwards without an address are open from outside through eth0 only',
    ],
  ]);
});

test('addresses in [host] override the interfaces', () => {
  const host = { ...defaultHostPolicy, interfaces: ['not-on-any-host'] };
  expect(missingInterfaces(host)).toHaveLength(1);
  expect(missingInterfaces({ ...host, addresses: ['203.0.113.1'] })).toEqual([]);
});
