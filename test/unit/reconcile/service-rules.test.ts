import { expect, test } from 'vitest';
import { lostFamilies } from '../../../src/reconcile/service-rules.ts';

const service = { kind: 'service', bridge: 'br0', protocol: 'udp', ports: { first: 53, last: 53 } } as const;
const both = [service, { ...service, family: 'ip6' }] as const;

test('a family is lost with the last service in it, of whichever network', () => {
  expect(lostFamilies({ br0: both }, { br0: [service] })).toEqual(['ip6']);
  expect(lostFamilies({ br0: both }, {})).toEqual(['ip', 'ip6']);
  expect(lostFamilies({ br0: both }, { br1: both })).toEqual([]);
  expect(lostFamilies({}, { br0: both })).toEqual([]);
});
