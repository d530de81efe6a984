import { expect, test } from 'vitest';
import type { Forward, GuestPolicy } from '../../../src/model/policy.ts';
import { familiesWanted, needsAddress } from '../../../src/planner/families.ts';

const forward = (host: Forward['host']): Forward => ({
  host,
  protocol: 'tcp',
  ports: { first: 80, last: 80 },
  to: 80,
  text: '80',
});
const open = [{ protocol: 'tcp', ports: { first: 22, last: 22 }, text: '22' }] as const;

test.each<[string, GuestPolicy, readonly string[], boolean]>([
  ['nothing', {}, [], false],
  ['a forward at any address', { forwards: [forward('any')] }, [], true],
  ['a forward in one family', { forwards: [forward('0.0.0.0')] }, ['ip'], false],
  ['an open port', { open }, [], true],
  [
    'an address of each kind',
    { publicAddresses: ['203.0.113.1'], snat: ['2001:db8::1'] },
    ['ip', 'ip6'],
    false,
  ],
  ['one family twice', { forwards: [forward('203.0.113.1')], snat: ['203.0.113.2'] }, ['ip'], false],
  ['what it may send alone', { antispoof: true }, [], true],
  ['only sources', { allowFrom: ['198.51.100.0/24'], isolated: true }, [], false],
])('%s', (_, policy, named, whichever) => {
  expect(familiesWanted(policy)).toEqual({ named, whichever });
  expect(needsAddress(policy)).toBe(whichever || named.length > 0);
});
