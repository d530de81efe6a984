import { expect, test } from 'vitest';
import type { HostView } from '../../../src/planner/host-view.ts';
import { notingUplinks } from '../../../src/planner/noting-uplinks.ts';

test('a plan is noted with all that it asked, and with nothing else', () => {
  const host = { interfacesOf: (address: string) => (address.startsWith('203.') ? ['eth0'] : []) };
  const { view, uplinks } = notingUplinks(host as unknown as HostView);
  expect(uplinks).toEqual({});
  expect(view.interfacesOf('203.0.113.9')).toEqual(['eth0']);
  expect(view.interfacesOf('198.51.100.1')).toEqual([]);
  expect(uplinks).toEqual({ '203.0.113.9': ['eth0'], '198.51.100.1': [] });
});
