import '../own-folders.ts';
import { expect } from 'vitest';
import { hasHostChanged } from '../../../src/reconcile/follow-host.ts';
import { readUplinks, writeUplinks } from '../../../src/state/uplinks.ts';
import { factsText, readHostFacts } from '../../../src/system/uplinks.ts';
import { folderTest as test } from '../own-folders.ts';

test('a host whose rules depend on nothing of it has not changed', () => {
  expect(hasHostChanged()).toBe(false);
});

test('it has changed where it differs from what the rules were planned with; looking changes nothing', () => {
  writeUplinks({ facts: factsText(readHostFacts()), holders: {} });
  expect(hasHostChanged()).toBe(false);
  writeUplinks({ facts: '', holders: {} });
  expect(hasHostChanged()).toBe(true);
  expect(readUplinks()?.facts).toBe('');
});
