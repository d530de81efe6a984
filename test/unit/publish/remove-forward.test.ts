import { expect, test } from 'vitest';
import { findForwards } from '../../../src/publish/forward-place.ts';
import { removeForwards } from '../../../src/publish/remove-forward.ts';
import { applySplices, parseSyntax } from '../../../src/publish/toml-syntax.ts';

function remove(text: string, ...indexes: readonly number[]): string {
  const syntax = parseSyntax(text);
  const place = syntax && findForwards(syntax, 'web');
  if (syntax === undefined || place === undefined || !['list', 'text', 'tables'].includes(place.kind))
    throw new Error('no forwards');
  return applySplices(text, removeForwards(syntax, place as never, indexes));
}
const list = (inside: string) => `[guest.web]\nforward = ${inside}\n`;

test.each([
  ['the first', '["80", "81", "82"]', [0], '["81", "82"]'],
  ['one in the middle', '["80", "81", "82"]', [1], '["80", "82"]'],
  ['the last', '["80", "81"]', [1], '["80"]'],
  ['the last with a comma behind it', '["80", "81",]', [1], '["80",]'],
  ['the only one', '[ "80" ]', [0], '[]'],
  ['several, in whichever order they are named', '["80", "81", "82"]', [2, 0], '["81"]'],
  ['all', '["80", "81"]', [0, 1], '[]'],
])('%s', (_, before, indexes, after) => expect(remove(list(before), ...indexes)).toBe(list(after)));

test('a line of its own goes with its comment, and the others keep theirs', () => {
  const text = '[\n  "80", # site\n  "81", # admin\n  # spare\n  "82" # mail\n]';
  expect(remove(list(text), 1)).toBe(list('[\n  "80", # site\n  # spare\n  "82" # mail\n]'));
  expect(remove(list(text), 2)).toBe(list('[\n  "80", # site\n  "81" # admin\n  # spare\n]'));
});

test('a comma within a text or a table separates nothing', () => {
  expect(remove(list('[{ port = "80", to = "8" }, "81,x"]'), 1)).toBe(list('[{ port = "80", to = "8" }]'));
});

test('a forward that is a text leaves an empty list: without the key, metadata would count', () => {
  expect(remove('[guest.web]\nforward = "80" # c\n', 0)).toBe('[guest.web]\nforward = [] # c\n');
});

test('of the empty lines around a table one stays', () => {
  const text = '[[guest.web.forward]]\nport = 80\n\n[[guest.web.forward]]\nport = 81\n\n[host]\n';
  expect(remove(text, 1)).toBe('[[guest.web.forward]]\nport = 80\n\n[host]\n');
  expect(remove(text, 0)).toBe('[[guest.web.forward]]\nport = 81\n\n[host]\n');
  expect(remove(text, 0, 1)).toBe('[host]\n');
});
