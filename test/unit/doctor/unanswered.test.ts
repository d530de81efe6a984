import { expect, test } from 'vitest';
import { judgeFlows, towards } from '../../../src/doctor/unanswered.ts';
import type { Flow } from '../../../src/model/flow.ts';
import { target } from './tried.ts';

test('connections that a guest never answered; one answer clears it', () => {
  const flow = (source: string, answered: boolean): Flow => ({
    protocol: 17,
    original: { source, destination: '198.51.100.1', sourcePort: 5000, destinationPort: 8080 },
    reply: { source: '192.168.122.41', destination: source, sourcePort: 80, destinationPort: 5000 },
    assured: false,
    answered,
    mark: 0,
  });
  expect(judgeFlows([target], [flow('203.0.113.5', false), flow('203.0.113.6', false)])).toMatchObject([
    {
      problem: expect.stringContaining(
        '192.168.122.41:80/udp has not answered 203.0.113.5, 203.0.113.6, whose',
      ),
    },
  ]);
  expect(judgeFlows([target], [flow('203.0.113.5', false), flow('203.0.113.6', true)])).toEqual([]);
  expect(judgeFlows([target], [])).toEqual([]);
  expect(towards([target])(flow('203.0.113.5', false))).toBe(true);
  const direct = {
    ...flow('192.168.122.1', false),
    original: { source: '192.168.122.1', destination: '192.168.122.41' },
  };
  expect(towards([target])(direct)).toBe(false);
});
