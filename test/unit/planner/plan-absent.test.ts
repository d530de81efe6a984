import { expect, test } from 'vitest';
import { describeFinding } from '../../../src/model/finding.ts';
import { type OwnSide, planAbsent } from '../../../src/planner/plan-absent.ts';

const own: OwnSide = {
  families: ['ip', 'ip6'],
  sourceOf: (family) => (family === 'ip' ? '203.0.113.1' : '2001:db8::1'),
  dropped: [],
  addressesOutside: (family) => (family === 'ip' ? [['203.0.113.1', '203.0.113.12'], ['198.51.100.9']] : []),
  besides: () => [],
};
const mail = { guest: 'mail', addresses: ['203.0.113.12', '2001:db8::12'], explicit: false };
const dropped = (address: string, guest = 'mail') => ({ kind: 'absent', address, guest });

test('an element for each address, of the families that the host has', () => {
  expect(planAbsent([mail], own)).toEqual({
    elements: [dropped('203.0.113.12'), dropped('2001:db8::12')],
    remarks: [],
    followsHost: true,
  });
  expect(planAbsent([mail], { ...own, families: ['ip'] }).elements).toEqual([dropped('203.0.113.12')]);
});

test('of guests that share an address, the first counts', () => {
  const other = { guest: 'other', addresses: ['203.0.113.12', '203.0.113.13'], explicit: true };
  expect(planAbsent([mail, other], own).elements).toEqual([
    dropped('203.0.113.12'),
    dropped('2001:db8::12'),
    dropped('203.0.113.13', 'other'),
  ]);
});

const reachable =
  'guest "mail": packets to ADDRESS reach the host while the guest does not run, from all sources: ';
const choice = ' (set absent = "drop" to drop them, or absent = "host" if the host may get them)';

test.each([
  ['203.0.113.1', own, 'the host itself leaves with it'],
  ['2001:db8::1', own, 'the host itself leaves with it'],
  ['198.51.100.9', own, 'it is the only address of a public interface'],
  [
    '203.0.113.12',
    { ...own, sourceOf: () => undefined },
    "without a default route and another address on its interface, guestgate cannot know whether it is the host's own address",
  ],
  [
    '203.0.113.12',
    { ...own, sourceOf: () => undefined, besides: () => ['203.0.113.12'] },
    "without a default route and another address on its interface, guestgate cannot know whether it is the host's own address",
  ],
])('%s is not dropped by default: an administrator may need it', (address, host, why) => {
  const { elements, remarks } = planAbsent([{ ...mail, addresses: [address] }], host);
  expect(elements).toEqual([]);
  expect(remarks.map(describeFinding)).toEqual([`${reachable.replace('ADDRESS', address)}${why}${choice}`]);
});

test('without a default route an address is dropped if the host keeps another one on its interface', () => {
  const host = { ...own, sourceOf: () => undefined };
  const besides = (address: string) => (address === '203.0.113.12' ? ['203.0.113.1'] : ['2001:db8::13']);
  const other = { guest: 'other', addresses: ['2001:db8::13'], explicit: false };
  expect(planAbsent([mail, other], { ...host, besides })).toMatchObject({
    elements: [dropped('203.0.113.12')],
    remarks: [{}, {}],
  });
});

test.each([
  ['only what a policy says outright', true, false],
  ['what the default says', false, true],
])('%s: whether it follows the host', (_, explicit, followsHost) => {
  expect(planAbsent([{ ...mail, explicit }], own).followsHost).toBe(followsHost);
});

test('an uplink that fails does not change what is dropped', () => {
  const host = { ...own, sourceOf: () => undefined, dropped: ['203.0.113.12'] };
  const { elements, remarks } = planAbsent([mail], host);
  expect(elements).toEqual([dropped('203.0.113.12')]);
  expect(remarks).toHaveLength(1);
});

test("an address of the host's own is dropped if the policy says so, with a remark", () => {
  const { elements, remarks } = planAbsent([{ ...mail, addresses: ['203.0.113.1'], explicit: true }], own);
  expect(elements).toEqual([dropped('203.0.113.1')]);
  expect(remarks.map(describeFinding)).toEqual([
    'guest "mail": packets to 203.0.113.1 are dropped while the guest does not run, and the host itself leaves with it: ' +
      'clients cannot reach the host there (leave out absent, or set absent = "host")',
  ]);
});
