import { expect, test } from 'vitest';
import { someCounters } from '../../../../src/backends/nftables/some-counters.ts';
import { forwardOf } from '../../records.ts';

const guest = { id: 'qemu-web', label: 'web', elements: [] };
const one = forwardOf(8080);
const shifted = forwardOf(5000, { ports: { first: 5000, last: 5001 } });
const counted = (packets: number) =>
  `table ip guestgate {\n\tmap forward_any {\n\t\telements = { tcp . 1 counter packets ${packets} bytes 60 comment "web" : 1.2.3.4 . 80 }\n\t}\n}\n`;

test('each entry is looked up, and those of an element are added', () => {
  const some = someCounters([one, shifted], 'ip');
  expect(some?.command.input?.split('\n')).toEqual([
    'get element ip guestgate forward_any { tcp . 8080 }',
    'get element ip guestgate forward_any { tcp . 5000 }',
    'get element ip guestgate forward_any { tcp . 5001 }',
    '',
  ]);
  const counters = some?.counters([1, 2, 3].map(counted).join('\n'));
  expect(counters?.(guest, one)).toEqual({ packets: 1, bytes: 60 });
  expect(counters?.(guest, shifted)).toEqual({ packets: 5, bytes: 120 });
  expect(some?.counters(counted(1))(guest, one)).toBeUndefined();
});

test('nothing is looked up where nothing counts, or where so much does that listing is no more work', () => {
  expect(someCounters([one], 'ip6')).toBeUndefined();
  expect(
    someCounters(
      Array.from({ length: 501 }, (_, i) => forwardOf(i + 1)),
      'ip',
    ),
  ).toBeUndefined();
});
