import { expect, test } from 'vitest';
import { obstacleFault, obstacleKey } from '../../../src/doctor/obstacle-fault.ts';
import type { Obstacle } from '../../../src/explain/traced.ts';
import { knowledge } from './tried.ts';

const inFirewalld: Obstacle = {
  kind: 'chain',
  verdict: 'rejected',
  hook: 'forward',
  chain: 'inet firewalld filter_FORWARD',
  words: 'nft',
  priority: 10,
  hit: { chain: 'filter_FORWARD', rule: 'reject', did: 'reject', handle: 4 },
};

test('firewalld owns its table: no nft command is advised for it', () => {
  expect(obstacleFault(inFirewalld, 'from outside to x', knowledge)).toMatchObject({
    problem: 'it rejects connections from outside to x',
    fix: 'firewall-cmd --list-all-policies',
  });
});

test('rules of one text and two handles are two obstacles; routes to one address one', () => {
  expect(obstacleKey(inFirewalld)).not.toBe(
    obstacleKey({
      ...inFirewalld,
      hit: { chain: 'filter_FORWARD', rule: 'reject', did: 'reject', handle: 5 },
    }),
  );
  const route = { kind: 'routing', why: 'no-route', to: '10.0.0.1' } as const;
  expect(obstacleKey({ ...route, input: 'eth0' })).toBe(obstacleKey(route));
});
