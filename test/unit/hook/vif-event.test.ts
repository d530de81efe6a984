import { expect, test } from 'vitest';
import { describeVif, onVif } from '../../../src/hook/vif-event.ts';
import { parseVifCall } from '../../../src/xen/vif-call.ts';

const call = (command: string) =>
  parseVifCall([command, 'type_if=vif', 'dev=vif1.0'], { XENBUS_PATH: 'backend/vif/1/0' });

test('an event is named by its guest, or where that is not known by its port', () => {
  expect(describeVif(call('online'), 'web')).toBe('xen guest "web" vif1.0 online');
  expect(describeVif(call('offline'), 'a"b')).toBe('xen guest "a\\"b" vif1.0 offline');
  expect(describeVif(call('online'), undefined)).toBe('vif "vif1.0" online');
});

test('the port of an emulated twin goes with its interface: there is nothing to remove for it', async () => {
  expect(await onVif(call('remove'))).toEqual({ level: 'debug', message: 'removed with its interface' });
});
