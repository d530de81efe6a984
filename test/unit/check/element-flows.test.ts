import { expect, test } from 'vitest';
import { flowsByElement } from '../../../src/check/element-flows.ts';
import type { Flow } from '../../../src/model/flow.ts';
import { forwardOf } from '../records.ts';

const flow = (port: number, to: number, bytes?: number): Flow => ({
  protocol: 6,
  original: { source: '198.51.100.2', destination: '203.0.113.1', sourcePort: 40000, destinationPort: port },
  reply: { source: '192.168.122.41', destination: '198.51.100.2', sourcePort: to, destinationPort: 40000 },
  assured: true,
  answered: true,
  mark: 0x10000000,
  ...(bytes !== undefined && { bytes }),
});

test('connections count for the forward that they came by', () => {
  const of = flowsByElement([flow(8080, 80, 10), flow(8080, 80, 5), flow(9090, 80)]);
  expect(of(forwardOf(8080))).toEqual({ connections: 2, bytes: 15 });
  expect(of(forwardOf(9090))).toEqual({ connections: 1 });
  expect(of(forwardOf(7070))).toEqual({ connections: 0 });
});

test('an element without connections of its own has no number', () => {
  expect(flowsByElement([])({ kind: 'inside', interface: 'vnet0' })).toBeUndefined();
});
