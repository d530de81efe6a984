import { expect, test } from 'vitest';
import { judgeXen } from '../../../src/doctor/xen.ts';

const well = { scripts: true, callsUs: true, unchecked: undefined, hasSources: true };

test('Xen: its scripts must call us', () => {
  expect(judgeXen(well)).toEqual([]);
  expect(judgeXen({ ...well, scripts: false, callsUs: false })).toEqual([]);
  expect(judgeXen({ ...well, callsUs: false })).toMatchObject([
    { severity: 'something', fix: 'guestgate install' },
  ]);
});

test('and the source addresses of guests must be checked where they are restricted', () => {
  const unchecked = { problem: 'not checked', severity: 'later', fix: 'apt-get install nftables' } as const;
  expect(judgeXen({ ...well, unchecked })).toEqual([{ subject: 'Xen', ...unchecked }]);
  expect(judgeXen({ ...well, unchecked, hasSources: false })).toEqual([]);
  expect(judgeXen({ ...well, unchecked, scripts: false }), 'without Xen').toEqual([]);
});

test('a fault without a command of its own is shown by check', () => {
  expect(judgeXen({ ...well, unchecked: { problem: 'x', severity: 'later' } })).toMatchObject([
    { fix: 'guestgate check' },
  ]);
});
