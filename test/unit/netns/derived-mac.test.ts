import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { derivedMac, hostEndOf } from '../../../src/netns/derived-mac.ts';

test('it is locally administered, unicast, and as documented', () => {
  const digest = createHash('sha256').update('machine\0namespace\0web').digest('hex');
  expect(derivedMac('machine', 'namespace', 'web').replaceAll(':', '')).toBe(`02${digest.slice(0, 10)}`);
});

test('it is the same each time, and another one for another host, name and end', () => {
  const all = ['a', 'b'].flatMap((machine) =>
    (['namespace', 'host'] as const).flatMap((purpose) =>
      ['web', 'db'].map((name) => derivedMac(machine, purpose, name)),
    ),
  );
  expect(new Set(all).size).toBe(8);
  expect(derivedMac('a', 'namespace', 'web')).toBe(all[0]);
});

test.each(['web', 'abcdefghijkl', 'abcdefghijklm', 'a'.repeat(64)])(
  'the end of %s has a name that fits',
  (name) => {
    expect(hostEndOf(name)).toMatch(/^gn-.{1,12}$/);
  },
);

test('long names that begin alike have different ends', () => {
  expect(hostEndOf('customer-one-web')).not.toBe(hostEndOf('customer-one-db'));
});
