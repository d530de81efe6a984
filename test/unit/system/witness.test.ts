import { statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { inodeOf, isWitnessed, processStart } from '../../../src/system/witness.ts';

const here = '/proc/self/ns/net';
const own = { pid: process.pid, started: processStart(process.pid) ?? -1 };

test('a guest without a witness runs until it is reported as down', () => {
  expect(isWitnessed({})).toBe(true);
});

test('all that it names must be there', () => {
  const namespace = { path: here, inode: statSync(here).ino };
  expect(isWitnessed({ namespace, interface: 'lo', process: own })).toBe(true);
  expect(isWitnessed({ namespace: { ...namespace, inode: 1 } })).toBe(false);
  expect(isWitnessed({ namespace: { path: '/run/netns/none', inode: 1 } })).toBe(false);
  expect(isWitnessed({ interface: 'none0', process: own })).toBe(false);
  expect(isWitnessed({ process: { ...own, started: own.started + 1 } })).toBe(false);
});

test('a path and a process that are not there have no number', () => {
  expect([inodeOf('/none'), processStart(2 ** 22 + 1)]).toEqual([undefined, undefined]);
  expect(own.started).toBeGreaterThan(0);
});
