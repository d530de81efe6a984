import { expect, test } from 'vitest';
import { isInterfaceName } from '../../../src/model/interface-name.ts';
import { emulatedPort } from '../../../src/model/vif.ts';

test('the port that QEMU emulates is named after the vif, and is still a name of an interface', () => {
  expect(emulatedPort('vif12.0')).toBe('vif12.0-emu');
  // Domain numbers go up to 32751 (DOMID_FIRST_RESERVED), and an interface's name has 15 characters.
  expect(isInterfaceName(emulatedPort('vif32751.0'))).toBe(true);
});
