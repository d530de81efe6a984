import { expect, test } from 'vitest';
import { earlier, PortTree } from '../../../src/planner/port-tree.ts';

const entry = <Value>(value: Value, owner: string, order: number) => ({ value, owner, order });

test('of several ranges around a port the first counts, whichever is wider', () => {
  const tree = new PortTree<string>();
  tree.add({ first: 1000, last: 1010 }, entry('narrow', 'a', 0));
  tree.add({ first: 1, last: 65_535 }, entry('all', 'a', 1));
  tree.add({ first: 1005, last: 1005 }, entry('port', 'b', 2));
  const at = (port: number, except?: string) => tree.find({ first: port, last: port }, except)?.value;
  expect(at(1005)).toBe('narrow');
  expect(at(1005, 'a')).toBe('port');
  expect(at(1005, 'b')).toBe('narrow');
  expect(at(999)).toBe('all');
  expect(at(999, 'a')).toBeUndefined();
});

test('the earlier entry is the one that was added before the other', () => {
  const [one, other] = [entry('x', 'a', 1), entry('y', 'b', 2)];
  expect(earlier(one, other)).toBe(one);
  expect(earlier(other, one)).toBe(one);
  expect(earlier(undefined, other)).toBe(other);
  expect(earlier(one, undefined)).toBe(one);
});

test('however many ranges there are, the first that overlaps is found', () => {
  const tree = new PortTree<number>();
  const added: { first: number; last: number; owner: string }[] = [];
  for (let order = 0; order < 200; order++) {
    const first = (order * 7919) % 60_000;
    const range = { first, last: first + ((order * 31) % 400), owner: `owner ${order % 3}` };
    added.push(range);
    tree.add(range, entry(order, range.owner, order));
    for (const except of [undefined, 'owner 1'])
      for (let at = 0; at < 65_536; at += 1009) {
        const asked = { first: at, last: at + 50 };
        const expected = added.findIndex(
          (own) => own.first <= asked.last && asked.first <= own.last && own.owner !== except,
        );
        expect(tree.find(asked, except)?.value ?? -1).toBe(expected);
      }
  }
});
