import { expect, test } from 'vitest';
import { processesIn } from '../../../src/netns/make-namespace.ts';

/* What it makes and removes is in test/lab/namespaces.test.ts, with real packets, and killed at each step. */

test('a namespace that is not there has no processes', () => {
  expect(processesIn('guestgate-none')).toEqual([]);
});
