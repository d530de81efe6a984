import { expect, test } from 'vitest';
import { defaultHostPolicy, grantedKeys, metadataNamespace } from '../../../src/model/policy.ts';

test('the mark is one bit, clear of the masks of Tailscale, Kubernetes and wg-quick', () => {
  const { mark } = defaultHostPolicy;
  expect(mark & (mark - 1)).toBe(0);
  expect(mark).toBeGreaterThan(0);
  for (const mask of [0xff0000, 0xc000, 0xca6c]) expect(mark & mask).toBe(0);
});

test('metadata, which a tenant may write, gets less than files', () => {
  const { limits, metadataLimits } = defaultHostPolicy;
  expect(metadataLimits.forwards).toBeLessThan(limits.forwards);
  expect(metadataLimits.shiftedPorts).toBeLessThan(limits.shiftedPorts);
  expect(metadataLimits.sources).toBeLessThan(limits.sources);
});

test('metadata is granted nothing by default, and what it may be granted does not refuse starts', () => {
  expect(defaultHostPolicy.metadataGrants).toBeUndefined();
  expect(grantedKeys).not.toContain('on_error');
  expect(metadataNamespace).toMatch(/^urn:/);
});
