import { expect, test } from 'vitest';
import { judgeRoutes } from '../../../src/doctor/judge-routes.ts';
import { outside, tried } from './tried.ts';

test('a route that leads out by an uplink names the bridge that should have it', () => {
  expect(judgeRoutes([tried(outside)], ['eth0'])).toEqual([]);
  expect(judgeRoutes([tried(outside, { output: 'tun0' })], ['eth0'])).toEqual([]);
  expect(judgeRoutes([tried(outside, { output: 'eth0' })], ['eth0'])).toMatchObject([
    { subject: 'bridge virbr0', fix: expect.stringContaining('ip link set virbr0 up') },
  ]);
});
