import { expect, test } from 'vitest';
import { renderLocalGuests } from '../../../src/cli/local-guests.ts';

test('each guest is a line with what it runs on', () => {
  const addresses = ['10.200.1.2', 'fd00:200::2'];
  const text = renderLocalGuests([
    { name: 'web\u001b', kind: 'netns', state: 'running', addresses, witness: { interface: 'gn-web' } },
    {
      name: 'db',
      kind: 'guest',
      state: 'ended',
      addresses: [],
      witness: { process: { pid: 42, started: 1 } },
    },
    { name: 'vm', kind: 'guest', state: 'running', addresses: [], witness: {} },
  ]);
  const lines = text.split('\n');
  expect(lines[0]).toMatch(/^NAME +KIND +STATE +ADDRESSES +RUNS WHILE$/);
  expect(lines[1]).toMatch(/^web\S+ +netns +running +10\.200\.1\.2 fd00:200::2 +interface gn-web is there$/);
  expect(lines[2]).toMatch(/^db +guest +ended +process 42 runs$/);
  expect(lines[3]).toMatch(/until guest down$/);
  expect(text).not.toContain('\u001b');
});

test('an empty list says so', () => {
  expect(renderLocalGuests([])).toBe('no local guests');
});
