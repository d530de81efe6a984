import { expect, test } from 'vitest';
import { interfaceNetworks } from '../../../src/system/interface-networks.ts';

test('an interface that does not exist has no networks; loopback leads nowhere', () => {
  expect(interfaceNetworks('none0')).toBeUndefined();
  expect(interfaceNetworks('lo')).not.toContain('::1/128');
});
