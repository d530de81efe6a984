import { expect, test } from 'vitest';
import { bootId, uptime } from '../../../src/system/boot-clock.ts';

test('the clock only goes forward, and its boot stays the same', () => {
  const began = uptime();
  expect(began).toBeGreaterThan(0);
  expect(uptime()).toBeGreaterThanOrEqual(began);
  expect(bootId()).toMatch(/^[0-9a-f-]{36}$/);
  expect(bootId()).toBe(bootId());
});
