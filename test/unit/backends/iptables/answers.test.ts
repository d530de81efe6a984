import { expect, test } from 'vitest';
import { answers } from '../../../../src/backends/iptables/answers.ts';
import type { Element } from '../../../../src/model/element.ts';

const comment = '-m comment --comment web';
const forward = (guest: string): Element => ({
  kind: 'forward',
  host: 'any',
  protocol: 'tcp',
  ports: { first: 80, last: 80 },
  guest,
  to: 80,
});

test('an address that answers has one rule, whatever leads to it', () => {
  const elements: Element[] = [
    forward('192.168.122.41'),
    forward('192.168.122.41'),
    forward('192.168.122.42'),
  ];
  expect(answers(elements, comment).map(({ rule }) => rule)).toEqual([
    `-s 192.168.122.41 ${comment} -j DROP`,
    `-s 192.168.122.42 ${comment} -j DROP`,
  ]);
});

test('the answers of a guest with several interfaces may come by any of them', () => {
  expect(answers([forward('192.168.122.41'), { kind: 'roaming', guest: '192.168.122.41' }], comment)).toEqual(
    [],
  );
});
