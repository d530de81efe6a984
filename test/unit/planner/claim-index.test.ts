import { expect, test } from 'vitest';
import { ClaimIndex } from '../../../src/planner/claim-index.ts';
import { forwardOf } from '../records.ts';

const wide = forwardOf(20_000, { ports: { first: 20_000, last: 30_000 } });

test('what claims nothing is not held, and finds nothing', () => {
  const index = new ClaimIndex();
  const port = { kind: 'vif', port: 'vif1.0', way: 'bridged' } as const;
  index.add('qemu-a', [port]);
  index.add('qemu-b', [forwardOf(80)]);
  expect(index.near([port])).toEqual([]);
});

test('the address of a guest is held once, by whatever leads to it', () => {
  const index = new ClaimIndex();
  const guest = '192.168.122.77';
  index.add('qemu-a', [forwardOf(80, { guest }), forwardOf(81, { guest })], true);
  const open = { kind: 'open', guest, protocol: 'udp', ports: { first: 80, last: 80 } } as const;
  expect(index.near([open])).toEqual([{ holder: 'qemu-a', claim: { identity: guest }, weak: true }]);
});

test('a wide range finds ports within it, and is found by them', () => {
  const index = new ClaimIndex();
  index.add('qemu-a', [forwardOf(25_000), forwardOf(31_000)]);
  index.add('qemu-b', [wide]);
  const holders = (except?: string) =>
    index.near([wide], except).flatMap(({ holder, claim }) => ('ports' in claim ? [holder] : []));
  expect(holders('qemu-b')).toEqual(['qemu-a']);
  expect(holders('qemu-a')).toEqual(['qemu-b']);
  expect(holders(), 'what was added first').toEqual(['qemu-a']);
  const near = index.near([forwardOf(29_999)]).filter(({ claim }) => 'ports' in claim);
  expect(near.map(({ holder }) => holder)).toEqual(['qemu-b']);
});

test('a restriction is near what it restricts', () => {
  const index = new ClaimIndex();
  index.add('qemu-a', [forwardOf(80)]);
  const claim = { host: 'any', protocol: 'tcp', ports: { first: 80, last: 80 } } as const;
  expect(index.near([{ kind: 'source-filter', claim, from: [] }])).toHaveLength(1);
});
