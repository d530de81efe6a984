import { expect, test } from 'vitest';
import { addForwards } from '../../../src/publish/add-forwards.ts';
import { findForwards } from '../../../src/publish/forward-place.ts';
import { applySplices, parseSyntax } from '../../../src/publish/toml-syntax.ts';
import type { ForwardEntry } from '../../../src/publish/toml-text.ts';

function add(text: string, entries: readonly ForwardEntry[], guest = 'web'): string {
  const syntax = parseSyntax(text);
  const place = syntax && findForwards(syntax, guest);
  if (syntax === undefined || place === undefined || place.kind === 'unknown') throw new Error('no place');
  return applySplices(text, addForwards(syntax, place, guest, entries));
}

test('a file that does not contain the guest gets a table at its end, whatever its last line ends with', () => {
  const table = '[guest.web]\nforward = ["80"]\n';
  expect(add('', ['80'])).toBe(table);
  expect(add('[host]\n', ['80'])).toBe(`[host]\n\n${table}`);
  expect(add('[host]', ['80'])).toBe(`[host]\n\n${table}`);
});

test('a name that is no bare key is quoted in its header', () => {
  expect(add('', ['80'], 'my "web"')).toBe('[guest."my \\"web\\""]\nforward = ["80"]\n');
});

test('lines end as those of the file do', () => {
  expect(add('[host]\r\n', ['80'])).toBe('[host]\r\n\r\n[guest.web]\r\nforward = ["80"]\r\n');
  expect(add('[guest.web]\r\nforward = [\r\n  "80",\r\n]\r\n', ['81', '82'])).toBe(
    '[guest.web]\r\nforward = [\r\n  "80",\r\n  "81",\r\n  "82",\r\n]\r\n',
  );
});

test('several together stay in their order', () => {
  expect(add('[guest.web]\nforward = "80"\n', ['81', '82'])).toBe(
    '[guest.web]\nforward = ["80", "81", "82"]\n',
  );
  expect(add('[guest.web]\nforward = []\n', ['81', '82'])).toBe('[guest.web]\nforward = ["81", "82"]\n');
});

test('the comment behind the last entry stays with it', () => {
  expect(add('[guest.web]\nforward = [\n  "80" # site\n]\n', ['81'])).toBe(
    '[guest.web]\nforward = [\n  "80", # site\n  "81"\n]\n',
  );
});

test('an empty inline table, and an empty table of its own', () => {
  expect(add('guest.web = {}\n', ['80'])).toBe('guest.web = { forward = ["80"] }\n');
  expect(add('  [guest.web] # none\n', ['80'])).toBe('  [guest.web] # none\n  forward = ["80"]\n');
});
