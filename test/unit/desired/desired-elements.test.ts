import { expect, test } from 'vitest';
import { desiredElements } from '../../../src/desired/desired-elements.ts';
import { desiredOf, forwardOf, guestNamed, recordOf } from '../records.ts';

const port = (name: string) => ({ kind: 'vif', port: name, way: 'bridged' }) as const;

test('a guest without a record gets what its policy says', () => {
  expect(desiredElements(desiredOf('web', { elements: [forwardOf(80)] }), undefined)).toEqual([
    forwardOf(80),
  ]);
});

test('what is not certain keeps what the guest has, but for its ports on the host', () => {
  const desired = desiredOf('web', { certain: false, elements: [port('vnet2')] });
  const before = recordOf('web', { elements: [forwardOf(80), port('vnet1')] });
  expect(desiredElements(desired, before)).toEqual([forwardOf(80), port('vnet2')]);
});

test('another guest of that name gets nothing of the one before', () => {
  const guest = { ...guestNamed('web'), uuid: 'b0000000-0000-0000-0000-000000000000' };
  const before = recordOf('web', {
    guest: { ...guestNamed('web'), uuid: 'a0000000-0000-0000-0000-000000000000' },
    elements: [forwardOf(80)],
  });
  expect(desiredElements(desiredOf('web', { guest, certain: false }), before)).toEqual([]);
});

test('a forward stays while the address that it leads to is not known', () => {
  const before = recordOf('web', { elements: [forwardOf(80)], address: '192.168.122.41' });
  const unknown = desiredOf('web', { unknown: ['ip'] });
  expect(desiredElements(unknown, before)).toEqual([forwardOf(80)]);
  expect(desiredElements({ ...unknown, unknown: ['ip6'] }, before)).toEqual([]);
});
