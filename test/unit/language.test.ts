import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bannedIn } from '../support/banned-words.ts';
import { readDocuments, repository } from '../support/documents.ts';
import { readSources, type SourceText, testNamesOf, textsOf } from '../support/source-texts.ts';

/*
 * All that a person reads is plain English: subject, verb, object, and the actor is named. Names of the code are not
 * searched: the compiler knows where they are.
 */

/** Texts that are no TypeScript. */
const plainTexts = [
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'install/bootstrap.sh',
  ...filesOf('pkg/systemd'),
  ...filesOf('xen-scripts'),
  ...filesOf('pkg/lxc'),
  ...filesOf('pkg/vserver'),
];

test('no document, unit or script has a banned word', () => {
  const others = plainTexts.map((path) => ({ path, text: readFileSync(join(repository, path), 'utf8') }));
  const found = [...readDocuments(), ...others].flatMap(({ path, text }) =>
    bannedIn(text).map((words) => `${path}: ${words}`),
  );
  expect(found).toEqual([]);
});

test('no comment and no string of the code has a banned word', () => {
  const sources = readSources(/^(?:src|hooks|install)\//, textsOf);
  expect(sources.length).toBeGreaterThan(200);
  expect(sources.flatMap(bannedTexts)).toEqual([]);
}, 60_000);

test('no name of a test has a banned word', () => {
  const tests = readSources(/^test\/.*\.ts$/, testNamesOf);
  expect(tests.flatMap(({ found }) => found).length).toBeGreaterThan(500);
  expect(tests.flatMap(bannedTexts)).toEqual([]);
}, 60_000);

test('comments, strings and templates are searched, identifiers are not', () => {
  const texts = readSources(/^test\/unit\/language\.test\.ts$/, textsOf).flatMap(({ found }) => found);
  const text = texts.map((one) => one.text).join('\n');
  expect(text).toContain('Texts that are no TypeScript.');
  expect(text).toContain("'no comment and no string of the code has a banned word'");
  expect(text).toContain(`}: \${`);
  expect(text).not.toMatch(/banned[T]exts/);
});

test.each([
  'it is\n told',
  'Somebody else',
  'as it should be',
  'where it stands',
  'says whatever he likes',
  '"x" is no port',
])('%j has a banned word', (text) => expect(bannedIn(text)).toHaveLength(1));

test.each(['the standard', 'this ends', 'history', 'is not a port', 'a discarded packet'])(
  '%j has none',
  (text) => expect(bannedIn(text)).toEqual([]),
);

function bannedTexts({
  path,
  found,
}: {
  readonly path: string;
  readonly found: readonly SourceText[];
}): string[] {
  return found.flatMap(({ line, text }) => bannedIn(text).map((words) => `${path}:${line}: ${words}`));
}

function filesOf(folder: string): string[] {
  return readdirSync(join(repository, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(repository.length));
}
