import { expect, test } from 'vitest';
import { judgePlaces } from '../../../src/doctor/foreign-rules.ts';
import type { PlaceStanding } from '../../../src/reconcile/head-rule-standing.ts';

function placed(
  { inPlace, ...standing }: { readonly inPlace: boolean } & Partial<PlaceStanding>,
  name = 'iptables FORWARD',
) {
  const none = { inPlace, position: 0, above: { count: 0 }, obstacles: [], without: [] };
  const state = { name, needed: standing.stopped === undefined, first: inPlace, found: [] };
  return { ...state, inPlace, standing: { ...none, ...standing } };
}

test('of many rules above ours the first are shown', () => {
  const above = Array.from({ length: 7 }, (_, index) => `-A FORWARD -p ${index} -j DROP`);
  const [finding, ...others] = judgePlaces([
    placed({ inPlace: false, obstacles: above }),
    placed({ inPlace: true }),
  ]);
  expect(finding?.details).toEqual([...above.slice(0, 5), 'and 2 more']);
  expect(others).toEqual([]);
});

test('a ban above guestgate is no finding; one that does not hold is a warning, and no fix takes a ban away', () => {
  const ban = '-A FORWARD -s 198.51.100.2/32 -j DROP';
  expect(judgePlaces([placed({ inPlace: true, position: 1, above: { count: 1 } })])).toEqual([]);
  const below = (above: number) =>
    judgePlaces([placed({ inPlace: true, above: { count: above }, without: [ban] })]);
  expect(below(1)).toMatchObject([{ severity: 'later', fix: 'guestgate replay', details: [ban] }]);
  expect(below(0)).toMatchObject([
    { severity: 'later', fix: 'iptables -A GUESTGATE-USER -s 198.51.100.2/32 -j DROP', details: [ban] },
  ]);
});

test('a stopped Shorewall blocks everything, and is not started by guestgate', () => {
  expect(judgePlaces([placed({ inPlace: false, stopped: 'Shorewall' })])).toMatchObject([
    { severity: 'everything', fix: 'shorewall start' },
  ]);
});

test('a finding names the chain as the findings of other checks about it do', () => {
  const causes = (name: string) => judgePlaces([placed({ inPlace: false }, name)]).map(({ cause }) => cause);
  expect(causes('ip6tables-legacy FORWARD')).toEqual(['ip6tables-legacy filter FORWARD']);
  expect(causes('ip filter FORWARD')).toEqual(['ip filter FORWARD']);
  expect(causes('ip libvirt_network forward')).toEqual(['ip libvirt_network forward']);
});

test('a stopped firewall is a cause of its own: replay would not help against what it blocks', () => {
  const [finding] = judgePlaces([placed({ inPlace: false, stopped: 'Shorewall' })]);
  expect(finding).not.toHaveProperty('cause');
});
