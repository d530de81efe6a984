import '../own-folders.ts';
import { expect } from 'vitest';
import { hasStandingRules } from '../../../src/reconcile/standing-rules.ts';
import { writeHostState } from '../../../src/state/host-state.ts';
import { folderTest as test } from '../own-folders.ts';

test('rules that exist without a guest: source addresses of networks, and absent guests', () => {
  expect(hasStandingRules()).toBe(false);
  writeHostState({ networks: { default: [{ kind: 'hairpin', bridge: 'virbr0' }], dmz: [] } });
  expect(hasStandingRules()).toBe(false);
  writeHostState({
    networks: { dmz: [], absent: [{ kind: 'absent', address: '203.0.113.9', guest: 'web' }] },
  });
  expect(hasStandingRules()).toBe(true);
});
