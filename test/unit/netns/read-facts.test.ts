import { expect, test } from 'vitest';
import { readNamespaceFacts } from '../../../src/netns/read-facts.ts';

test('the host has its loopback address, a loopback interface, and something that tells it from others', () => {
  const { held, interfaceKind, machine } = readNamespaceFacts();
  expect(held).toContainEqual({ interface: 'lo', address: '127.0.0.1' });
  expect(interfaceKind('lo')).toBe('port');
  expect(interfaceKind('none0')).toBeUndefined();
  expect(machine).not.toBe('');
});
