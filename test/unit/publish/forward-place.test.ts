import { expect, test } from 'vitest';
import { findForwards } from '../../../src/publish/forward-place.ts';
import { parseSyntax, type TomlSyntax } from '../../../src/publish/toml-syntax.ts';

const find = (text: string) => findForwards(parseSyntax(text) as TomlSyntax, 'web');

test.each<[string, object]>([
  ['[guest.web]\nforward = ["80"]', { kind: 'list' }],
  ['guest = { web = { forward = [] } }', { kind: 'list' }],
  ['[guest]\nweb.forward = "80"', { kind: 'text' }],
  ['[[guest.web.forward]]\nport = 80', { kind: 'tables' }],
  ['[guest.web]\naddress = "10.0.0.1"\n[guest.dns]', { kind: 'pair', prefix: '' }],
  ['guest.web.address = "10.0.0.1"', { kind: 'pair', prefix: 'guest.web.' }],
  ['[guest]\n"web".address = "10.0.0.1"', { kind: 'pair', prefix: '"web".' }],
  ['guest = { web = { address = "10.0.0.1" } }', { kind: 'pair', prefix: '' }],
  ['[guest.web]', { kind: 'empty' }],
  ['guest = { web = {} }', { kind: 'empty' }],
  ['[guest.dns]\nforward = ["80"]', { kind: 'none' }],
  ['\n[guest.web]\nforward = 80', { kind: 'unknown', line: 3 }],
  ['[guest.web.forward]\nport = 80', { kind: 'unknown', line: 1 }],
  ['[[guest.web.forward.more]]\nport = 80', { kind: 'unknown', line: 1 }],
  ['\nguest = 1', { kind: 'unknown', line: 2 }],
])('%j', (text, place) => {
  expect(find(text)).toMatchObject(place);
});
