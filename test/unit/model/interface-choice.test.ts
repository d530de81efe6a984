import { expect, test } from 'vitest';
import {
  describeInterfaceChoice,
  interfaceChoiceKey,
  isSameInterfaceChoice,
} from '../../../src/model/interface-choice.ts';

test.each([
  [{ network: 'dmz' }, 'on network "dmz"'],
  [{ network: 'a"b' }, 'on network "a\\"b"'],
  [{ mac: '52:54:00:aa:bb:01' }, 'with MAC address 52:54:00:aa:bb:01'],
  [{ nic: 2 }, 'number 2'],
])('%j is described as: %s', (choice, text) => {
  expect(describeInterfaceChoice(choice)).toBe(text);
});

test('no choice is a choice of its own', () => {
  const all = [undefined, { network: 'dmz' }, { network: '2' }, { nic: 2 }, { nic: 1 }, { mac: 'dmz' }];
  expect(new Set(all.map(interfaceChoiceKey)).size).toBe(all.length);
  for (const [at, one] of all.entries())
    for (const [other, two] of all.entries())
      expect(isSameInterfaceChoice(one && { ...one }, two), `${at} ${other}`).toBe(at === other);
});
