import { expect, test } from 'vitest';
import { isHookName } from '../../../src/model/event.ts';

test.each([
  ['qemu', true],
  ['network', true],
  ['daemon', true],
  ['guestgate', false],
  ['QEMU', false],
  ['constructor', false],
  ['', false],
])('%s is called by libvirt: %s', (name, expected) => {
  expect(isHookName(name)).toBe(expected);
});
