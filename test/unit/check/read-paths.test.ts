import { expect, test } from 'vitest';
import { readPathFacts } from '../../../src/check/read-paths.ts';
import { defaultHostPolicy } from '../../../src/model/policy.ts';

const facts = (interfaces?: readonly string[], addresses: readonly string[] = []) =>
  readPathFacts(
    { configuration: { host: { ...defaultHostPolicy, ...(interfaces && { interfaces }) } } as never },
    addresses,
  );

test('the loopback interface is a link that is up, and a port of no bridge', () => {
  const { links } = facts();
  expect(links === undefined || links.has('lo')).toBe(true);
  expect(links?.get('lo')).not.toHaveProperty('master');
  expect(links?.has('gg-missing0') ?? false).toBe(false);
});

test('the interfaces of [host] are outside; without them, that of the default route', () => {
  expect(facts(['eth7', 'eth8']).outside).toEqual(['eth7', 'eth8']);
  expect(facts().outside.length).toBeLessThan(2);
});

test('a setting that cannot be read blocks nothing that is known', () => {
  expect(facts().forwards('gg-missing0')).toBe(true);
});

test('only routes that were asked for are known', () => {
  expect(facts(['lo'], ['127.0.0.1']).routeTo('192.0.2.77')).toBeUndefined();
});
