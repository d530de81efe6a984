import { expect, test } from 'vitest';
import { absentGuests, judgeAbsence } from '../../../src/doctor/absent-guests.ts';
import type { DoctorContext } from '../../../src/doctor/check.ts';

const remark = {
  subject: 'guest "web"',
  problem: 'the address is the host’s own',
  severity: 'later',
} as const;

test('a remark keeps its severity, and gets the command that shows it again', () => {
  expect(judgeAbsence([remark])).toEqual([{ ...remark, fix: expect.stringMatching(/^guestgate check\b/) }]);
  expect(judgeAbsence([])).toEqual([]);
});

test('where it is not known what is dropped, there is no finding', async () => {
  const context = (absent: unknown) => ({ reading: { absent: () => absent } }) as unknown as DoctorContext;
  expect(await absentGuests(context(undefined))).toEqual([]);
  expect(await absentGuests(context({ elements: [], remarks: [remark] }))).toHaveLength(1);
});
