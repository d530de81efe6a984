import { expect, test } from 'vitest';
import { noteUnused } from '../../../src/doctor/first-packets.ts';
import type { ForwardElement } from '../../../src/model/element.ts';

const forward = (port: number): ForwardElement => ({
  kind: 'forward',
  host: 'any',
  protocol: 'tcp',
  ports: { first: port, last: port },
  guest: '192.168.122.41',
  to: 80,
});
const counted = (port: number, packets: number) => ({ guest: 'web', element: forward(port), packets });

test('forwards without a packet are named, the rest of many by their number', () => {
  expect(noteUnused([])).toEqual([]);
  expect(noteUnused([counted(80, 3)])).toEqual([]);
  expect(noteUnused([counted(80, 3), counted(81, 0)])).toEqual([
    expect.stringMatching(/^no packet has arrived yet for \*:81\/tcp of guest "web": .*provider/),
  ]);
  expect(noteUnused([1, 2, 3, 4, 5].map((port) => counted(port, 0)))[0]).toContain(
    '*:3/tcp of guest "web" and 2 more',
  );
});
