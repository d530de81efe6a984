import { expect, test } from 'vitest';
import { forget } from '../../../src/netns/persist.ts';

/* What systemd makes of the unit is in test/lab/namespaces.test.ts. */

test('a namespace without a unit has nothing to forget', () => {
  expect(forget('guestgate-none')).toEqual([]);
});
