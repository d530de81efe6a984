import { expect, test } from 'vitest';
import type { Element } from '../../../src/model/element.ts';
import { isAtLoopback, withLoopbackBridges } from '../../../src/reconcile/loopback.ts';
import { forwardOf, recordOf } from '../records.ts';

const atLoopback = forwardOf(80, { host: '127.0.0.1' });

test.each<[string, Element, boolean]>([
  ['a forward there', atLoopback, true],
  ['a forward at every address', forwardOf(80), false],
  ['its source filter', { kind: 'source-filter', claim: { host: '127.0.0.1' }, from: [] }, false],
])('%s: %#', (_, element, expected) => {
  expect(isAtLoopback(element)).toBe(expected);
});

test('a record without such a forward is left as it is, with the bridges that it names', () => {
  const record = recordOf('web', { elements: [forwardOf(80)], loopbackBridges: ['virbr9'] });
  expect(withLoopbackBridges([record])[0]).toBe(record);
});

test('a guest without a bridge switches none, and keeps those that it has switched', () => {
  const record = recordOf('web', { elements: [atLoopback] });
  expect(withLoopbackBridges([record])).toEqual([record]);
  expect(withLoopbackBridges([{ ...record, loopbackBridges: ['virbr9'] }])[0]?.loopbackBridges).toEqual([
    'virbr9',
  ]);
});
