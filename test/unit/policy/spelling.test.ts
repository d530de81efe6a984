import { expect, test } from 'vitest';
import { suggest } from '../../../src/policy/spelling.ts';

test.each([
  ['forwrad', 'did you mean "forward"?'],
  ['FORWARD', 'did you mean "forward"?'],
  ['adress', 'did you mean "address"?'],
  ['entirely', 'known: forward, address'],
  ['', 'known: forward, address'],
])('%j', (written, hint) => expect(suggest(written, ['forward', 'address'])).toBe(hint));
