import { expect, test } from 'vitest';
import { ClaimIndex } from '../../../src/planner/claim-index.ts';
import { forwardOf } from '../records.ts';

const wide = forwardOf(20_000, { ports: { first: 20_000, last: 30_000 } });

test('what claims nothing is not held, and finds nothing', () => {
  const index = new ClaimIndex();
  const open = {
    kind: 'open',
    guest: '192.168.122.41',
    protocol: 'tcp',
    ports: { first: 80, last: 80 },
  } as const;
  index.add('qemu-a', [open]);
  index.add('qemu-b', [forwardOf(80)]);
  expect(index.near([open])).toEqual([]);
  expect(index.near([forwardOf(80)]).map(({ holder }) => holder)).toEqual(['qemu-b']);
});

test('a wide range finds ports within it, and is found by them', () => {
  const index = new ClaimIndex();
  index.add('qemu-a', [forwardOf(25_000), forwardOf(31_000)]);
  index.add('qemu-b', [wide]);
  const holders = (except?: string) => index.near([wide], except).map(({ holder }) => holder);
  expect(holders('qemu-b')).toEqual(['qemu-a']);
  expect(holders('qemu-a')).toEqual(['qemu-b']);
  expect(holders(), 'what was added first').toEqual(['qemu-a']);
  expect(index.near([forwardOf(29_999)]).map(({ holder }) => holder)).toEqual(['qemu-b']);
});

test('a restriction is near what it restricts', () => {
  const index = new ClaimIndex();
  index.add('qemu-a', [forwardOf(80)]);
  const claim = { host: 'any', protocol: 'tcp', ports: { first: 80, last: 80 } } as const;
  expect(index.near([{ kind: 'source-filter', claim, from: [] }])).toHaveLength(1);
});
