import { expect, test } from 'vitest';
import { metricsOf } from '../../../src/check/metrics.ts';
import { forwardOf, recordOf } from '../records.ts';

const tallies = {
  calls: 5,
  failures: 1,
  repairs: 2,
  transactions: 7,
  watched: true,
  lastCall: 1_700_000_000_500,
};
const found = {
  guests: [
    {
      ...recordOf('web'),
      state: 'running' as const,
      elements: [
        { element: forwardOf(80), packets: 3, bytes: 180, connectionsNow: 1 },
        { element: forwardOf(81), packets: 4, bytes: 240, connectionsNow: 0 },
      ],
    },
  ],
  networks: [],
  absent: [],
  headRules: [{ name: 'iptables FORWARD', inPlace: false }],
  problems: [],
};
const metrics = metricsOf(found, tallies);
const samples = (name: string) => metrics.find((metric) => metric.name === `guestgate_${name}`)?.samples;

test('counters of the elements of a guest are added', () => {
  const labels = { driver: 'qemu', guest: 'web' };
  expect(samples('forwards')).toEqual([{ labels, value: 2 }]);
  expect(samples('connections_total')).toEqual([{ labels, value: 7 }]);
  expect(samples('connections')).toEqual([{ labels, value: 1 }]);
  expect(samples('head_rule_in_place')).toEqual([{ labels: { chain: 'iptables FORWARD' }, value: 0 }]);
  expect(samples('last_hook_call_timestamp_seconds')).toEqual([{ value: 1_700_000_000.5 }]);
});

test('a metric without samples is left out: what is not counted, and what is not known', () => {
  expect(samples('connections_bytes')).toBeUndefined();
  expect(samples('state_timestamp_seconds')).toBeUndefined();
});

test('counters are named as such, and each name is there once', () => {
  for (const { name, type } of metrics) expect(name.endsWith('_total')).toBe(type === 'counter');
  expect(new Set(metrics.map(({ name }) => name)).size).toBe(metrics.length);
});
