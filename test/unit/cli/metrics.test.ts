import { expect, test } from 'vitest';
import { renderMetrics } from '../../../src/cli/metrics.ts';

test('each metric has its help and its type once, before its samples', () => {
  const text = renderMetrics([
    {
      name: 'guestgate_forwards',
      type: 'gauge',
      help: 'Forwards of a guest.',
      samples: [
        { labels: { driver: 'qemu', guest: 'web' }, value: 2 },
        { labels: { driver: 'lxc', guest: 'a"b\\c\nd\u001b' }, value: 0 },
      ],
    },
    { name: 'guestgate_repairs_total', type: 'counter', help: 'Repairs.', samples: [{ value: 3 }] },
  ]);
  expect(text).toBe(`# HELP guestgate_forwards Forwards of a guest.
# TYPE guestgate_forwards gauge
guestgate_forwards{driver="qemu",guest="web"} 2
guestgate_forwards{driver="lxc",guest="a\\"b\\\\c\\\\nd\\\\u001b"} 0
# HELP guestgate_repairs_total Repairs.
# TYPE guestgate_repairs_total counter
guestgate_repairs_total 3
`);
});
