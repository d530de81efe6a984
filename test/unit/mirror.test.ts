import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { repository } from '../support/documents.ts';
import { mostUntested, untested } from './untested.ts';

/*
 * Tests mirror `src/`: what `src/state/claims.ts` does is in `test/unit/state/claims.test.ts`. A module without a test of
 * its name is in the list of `untested.ts`, with what shows that it works.
 */

const source = join(repository, 'src');
const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
const tests = new Set(filesIn(join(repository, 'test/unit')));
const modules = filesIn(source)
  .filter((path) => !path.endsWith('.d.ts') && hasCode(readFileSync(join(source, path), 'utf8')))
  .map((path) => path.replace(/\.ts$/, ''));

/** Whether there is more than types in a module. */
function hasCode(text: string): boolean {
  return /^(export )?((async )?function|class|const)\b/m.test(text.replaceAll(/\/\*[\s\S]*?\*\//g, ''));
}

const hasTest = (module: string) => tests.has(`${module}.test.ts`) || tests.has(`${module}.files.test.ts`);
const isListed = (module: string) => untested[dirname(module)]?.modules.includes(basename(module)) === true;

test('each module with code has a test of its name, or is in the list', () => {
  expect(modules.length).toBeGreaterThan(300);
  expect(modules.filter((module) => !hasTest(module) && !isListed(module))).toEqual([]);
});

test('no module in the list has a test by now, or is gone', () => {
  const listed = Object.entries(untested).flatMap(([folder, { modules: names }]) =>
    names.map((name) => (folder === '.' ? name : `${folder}/${name}`)),
  );
  expect(listed.filter((module) => hasTest(module) || !modules.includes(module))).toEqual([]);
  expect(listed.length).toBe(mostUntested);
});

test('what shows that the others work is there', () => {
  for (const [folder, { shownBy }] of Object.entries(untested)) {
    let room = '';
    for (const [, path = '', base = ''] of shownBy.matchAll(/((?:test\/[\w/-]+\/)?)([\w.-]+\.test\.ts)/g)) {
      room = path === '' ? room : path;
      expect(existsSync(join(repository, room, base)), `${folder}: ${room}${base}`).toBe(true);
    }
  }
});
