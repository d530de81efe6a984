import { expect, test } from 'vitest';
import { limits } from '../../../src/planner/limits.ts';

const at = { host: 'any', protocol: 'tcp', ports: { first: 80, last: 80 } } as const;
const rate = { connections: 10, per: 'second' } as const;

test.each([
  [{}, []],
  [{ connections: 20 }, [{ kind: 'connection-limit', at, connections: 20 }]],
  [{ rate }, [{ kind: 'rate-limit', at, rate }]],
  [
    { rate, connections: 1 },
    [
      { kind: 'connection-limit', at, connections: 1 },
      { kind: 'rate-limit', at, rate },
    ],
  ],
])('%j', (written, elements) => {
  expect(limits(at, written)).toEqual(elements);
});
