import '../own-folders.ts';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { importFiles, planImport } from '../../../src/import/import-hooks.ts';
import { paths } from '../../../src/model/paths.ts';
import { folderTest as test } from '../own-folders.ts';

const folder = join(paths.configuration, 'guests.d');
const source = (guests: object) =>
  ({ kind: 'hooks', text: JSON.stringify(guests), name: 'hooks.json' }) as const;
const web = { private_ip: '192.168.122.41', public_ip: '203.0.113.1', port_map: { tcp: [[8080, 80]] } };
function put(name: string, text: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), text);
}

test('a file for each guest, in the folder of the configuration; planning writes none', async () => {
  const { files, problems } = await planImport(source({ web, 'a b': web }), undefined);
  expect(problems).toEqual([]);
  expect(files.map(({ path }) => path)).toEqual([join(folder, 'web.toml'), join(folder, 'a%20b.toml')]);
  expect(() => readdirSync(folder)).toThrow();
});

test('what is written is what was planned', async () => {
  const { files } = await importFiles(source({ web }), undefined);
  expect(readFileSync(join(folder, 'web.toml'), 'utf8')).toBe(files[0]?.text);
});

test('a guest that has a policy, and a file that is there, are not overwritten: nothing is written', async () => {
  put('all.toml', '[guest.web]\nforward = ["1"]\n');
  put('mail.toml', '');
  const { problems } = await importFiles(source({ web, mail: web, db: web }), undefined);
  expect(problems).toEqual([
    expect.stringContaining(`guest "web": already has a policy in ${folder}/all.toml`),
    expect.stringContaining(`guest "mail": ${folder}/mail.toml already exists`),
  ]);
  expect(readdirSync(folder)).toEqual(['all.toml', 'mail.toml']);
});

test('a guest that has a policy does not count for another folder', async () => {
  put('all.toml', '[guest.web]\nforward = ["1"]\n');
  expect((await planImport(source({ web }), join(paths.state, 'out'))).problems).toEqual([]);
});

test('two guests may share a port that never run together: a warning says so', async () => {
  const { warnings } = await planImport(
    source({ web, mail: { ...web, private_ip: '192.168.122.42' } }),
    undefined,
  );
  expect(warnings.join()).toMatch(
    /guest "mail": .*8080\/tcp.* is also forwarded to guest "web" \(hooks\.json:1\)/,
  );
});
