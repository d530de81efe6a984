import { afterEach, expect, test, vi } from 'vitest';
import { releaseMemory } from '../../../src/system/memory.ts';

afterEach(() => vi.unstubAllGlobals());

test('garbage is collected after a step about many guests alone', () => {
  const gc = vi.fn();
  vi.stubGlobal('Bun', { gc });
  releaseMemory(10);
  expect(gc).not.toHaveBeenCalled();
  releaseMemory(5000);
  expect(gc).toHaveBeenCalledWith(true);
});

test('a runtime that does not offer it goes without', () => {
  vi.stubGlobal('Bun', undefined);
  expect(() => releaseMemory(5000)).not.toThrow();
});
