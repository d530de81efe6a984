import { expect, test } from 'vitest';
import { headRuleFaults } from '../../../src/check/head-rule-faults.ts';

test('a misplaced accept keeps everything closed; of many rules above it, the first are shown', () => {
  const obstacles = Array.from({ length: 6 }, (_, index) => `-A FORWARD -p ${index} -j DROP`);
  const standing = { position: 6, inPlace: false, above: { count: 0 }, obstacles, without: [] };
  const state = { name: 'ip6tables FORWARD', needed: true, first: false, found: [], inPlace: false };
  expect(headRuleFaults([{ ...state, standing }])).toMatchObject([
    { severity: 'everything', fix: 'guestgate replay', details: [...obstacles.slice(0, 5), 'and 1 more'] },
  ]);
  expect(headRuleFaults([{ ...state, needed: false }])).toEqual([]);
  expect(headRuleFaults([{ ...state, standing: { ...standing, stopped: 'Shorewall' } }])).toMatchObject([
    { fix: 'shorewall6 start' },
  ]);
});
