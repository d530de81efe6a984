import { expect, test } from 'vitest';
import { judgeFirewalld } from '../../../src/doctor/firewalld.ts';

test('firewalld, if it runs and is strict', () => {
  expect(judgeFirewalld('StrictForwardPorts=yes\n', false)).toEqual([]);
  expect(judgeFirewalld('', true)).toEqual([]);
  expect(judgeFirewalld('# StrictForwardPorts=yes\nStrictForwardPorts=no\n', true)).toEqual([]);
  expect(judgeFirewalld('DefaultZone=public\nStrictForwardPorts = yes\n', true)).toHaveLength(1);
});

test('words are read as firewalld reads them: in any case, true as yes', () => {
  expect(judgeFirewalld('strictforwardports=TRUE', true)).toHaveLength(1);
  expect(judgeFirewalld('StrictForwardPorts=yesterday', true)).toEqual([]);
  expect(judgeFirewalld('NotStrictForwardPorts=yes', true)).toEqual([]);
});

test('what it reports blocks every forward', () => {
  expect(judgeFirewalld('StrictForwardPorts=yes', true)).toMatchObject([
    { severity: 'everything', fix: expect.stringContaining('firewall-cmd --reload') },
  ]);
});
