import type { Node } from 'jsonc-parser';
import { expect, test } from 'vitest';
import { HookReader } from '../../../src/import/hook-reader.ts';
import { parseJson } from '../../../src/import/json-tree.ts';
import { formatProblem } from '../../../src/model/problem.ts';

function read(text: string) {
  return { reader: new HookReader('f.json', text), root: { node: parseJson(text) as Node, path: '' } };
}

test('members and items know their path and their line', () => {
  const { reader, root } = read('{ "web": {\n "a b": [1,\n 2] } }');
  const [web] = reader.members(root, '') ?? [];
  const [list] = (web && reader.members(web, '')) ?? [];
  const items = (list && reader.items(list, '')) ?? [];
  expect(items.map((item) => [item.path, reader.where(item)])).toEqual([
    ['web["a b"][0]', 'f.json:2'],
    ['web["a b"][1]', 'f.json:3'],
  ]);
  expect(reader.problems).toEqual([]);
});

test("a value of another kind is a problem with the caller's words", () => {
  const { reader, root } = read('[7]');
  expect(reader.members(root, 'must be an object')).toBeUndefined();
  const [item] = reader.items(root, '') ?? [];
  expect(item && reader.items(item, 'must be a list')).toBeUndefined();
  expect(item && reader.texts(item)).toEqual([]);
  expect(reader.problems.map(formatProblem)).toEqual([
    'f.json:1: must be an object',
    'f.json:1: [0]: must be a list',
    'f.json:1: [0]: must be a text in quotes',
  ]);
});

test('texts are those of a list, and those between commas', () => {
  const { reader, root } = read('["a, b", "c"]');
  expect(reader.texts(root).map(({ text }) => text)).toEqual(['a', 'b', 'c']);
});

test('an unknown key is a warning with the key that resembles it', () => {
  const { reader, root } = read('{ "port_mpa": 1, "port_map": 2 }');
  reader.known(reader.members(root, '') ?? [], ['port_map']);
  expect(reader.warnings.map(formatProblem)).toEqual([
    'f.json:1: port_mpa: unknown key, left out (did you mean "port_map"?)',
  ]);
});

test('a warning that concerns many guests is given once', () => {
  const { reader, root } = read('{ "a": 1, "b": 2 }');
  for (const member of reader.members(root, '') ?? []) reader.warnOnce(member, 'not needed');
  expect(reader.warnings.map(formatProblem)).toEqual(['f.json:1: a: not needed']);
});
