import { expect, test } from 'vitest';
import { nameOf } from '../../../src/reconcile/request-name.ts';
import { applyOf } from './plans.ts';

test('each request names the record of its guest: driver and name', () => {
  expect(nameOf(applyOf('web'))).toBe('qemu-web');
  expect(nameOf({ kind: 'remove', guest: { driver: 'lxc', name: 'web' }, ended: true })).toBe('lxc-web');
  expect(nameOf({ kind: 'refresh', record: 'qemu-mail' })).toBe('qemu-mail');
});
