import { expect, test } from 'vitest';
import { localTime, render } from '../../../src/cli/events.ts';
import type { HookEvent } from '../../../src/state/hook-events.ts';

const event: HookEvent = {
  number: 7,
  at: '2026-01-02T03:04:05.000Z',
  hook: 'qemu',
  object: 'web',
  operation: 'started',
  level: 'info',
  message: '1 forward to 192.168.122.41',
  exitCode: 0,
  milliseconds: 12,
};

test('an event is one row, with its level if something is wrong', () => {
  const shown = render([event, { ...event, number: 8, level: 'error', message: 'no\naddress' }], true);
  expect(shown.split('\n')).toHaveLength(3);
  expect(shown).toMatch(/^EVENT +TIME +WHO +WHAT +MS +OUTCOME\n7 .*qemu web +started +12 +1 forward/);
  expect(shown).toContain('error: no\\naddress');
  expect(render([], true)).toBe('no events since boot');
});

test('times are those of the local clock, and what is no time is shown as it is', () => {
  expect(localTime(event.at)).toMatch(/^2026-01-0[123] \d\d:\d\d:05$/);
  expect(localTime('soon')).toBe('soon');
});
