import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { CommandNames } from '../../install/reference/commands.ts';
import { exitMeanings } from '../../src/cli/exit-codes.ts';
import { exitCodes } from '../../src/model/exit-code.ts';
import { paths } from '../../src/model/paths.ts';
import { stateFiles } from '../../src/model/state-files.ts';
import { parseConfiguration } from '../../src/policy/configuration.ts';
import {
  forwardEntries,
  guestEntries,
  hostEntries,
  networkEntries,
  openPortEntries,
} from '../../src/policy/schema.ts';
import { brokenLinks, type Code, codeOf, readDocuments, repository } from '../support/documents.ts';

/*
 * What a document names exists: a reader who copies a line from it must not meet an error. `language.test.ts` checks
 * the English.
 */

const documents = readDocuments();
const manuals = documents.filter(({ path }) => path.startsWith('pkg/man/'));
const markdown = documents.filter(({ path }) => path.endsWith('.md'));
const codes = markdown.flatMap(codeOf);
const tables = [hostEntries, guestEntries, networkEntries, forwardEntries, openPortEntries];
const keys = new Set(tables.flatMap((entries) => Object.keys(entries)));

let reference: { files: Record<string, string>; commands: CommandNames[] };
beforeAll(() => {
  const args = ['install/bun.mjs', 'install/reference.ts', '--json'];
  reference = JSON.parse(execFileSync('node', args, { cwd: repository, encoding: 'utf8' }));
});

test.each([
  ['README.md', 120],
  ['ARCHITECTURE.md', 200],
])('%s can be read in one go: it has at most %i lines', (path, most) => {
  const document = documents.find((one) => one.path === path);
  expect(document?.text.trimEnd().split('\n').length).toBeLessThanOrEqual(most);
});

test('the generated reference is up to date', () => {
  for (const [path, text] of Object.entries(reference.files))
    expect(readFileSync(join(repository, path), 'utf8'), 'npm run reference').toBe(text);
});

describe('what a document names exists:', () => {
  test('files and headings of links', () => {
    expect(markdown.flatMap(brokenLinks)).toEqual([]);
  });

  test('commands and their options', () => {
    expect(codes.filter(({ kind }) => kind !== 'block').flatMap(wrongCommands)).toEqual([]);
  });

  test('options in the manual', () => {
    const manual = manuals.find(({ path }) => path.endsWith('guestgate.8'))?.text ?? '';
    const options = [...manual.matchAll(/Fl -([a-z-]+)/g)].map(([, name]) => `--${name}`);
    const known = [...optionsOf(reference.commands), '--help', '--replay'];
    expect(options.filter((option) => !known.includes(option))).toEqual([]);
  });

  test('keys, in examples that are valid configuration', () => {
    const examples = codes.filter(({ kind, language }) => kind === 'block' && language === 'toml');
    expect(examples.length).toBeGreaterThan(8);
    for (const { path, text } of examples)
      expect(parseConfiguration([{ path, text }], '').problems, path).toEqual([]);
    const named = codes.flatMap(({ kind, path, text }) => {
      const [, key] = /^([a-z_]+) = /.exec(text) ?? [];
      return kind !== 'span' || key === undefined || key === 'vif' || keys.has(key)
        ? []
        : [`${path}: ${text}`];
    });
    expect(named).toEqual([]);
  });

  test('files of the state', () => {
    const known = Object.values(stateFiles).map((path) => path.slice(`${paths.state}/`.length));
    const named = codes.flatMap(({ text }) => /^\/run\/guestgate\/([\w.-]+)/.exec(text)?.[1] ?? []);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });

  test('files of the state: the table of the program has all of them', () => {
    const elsewhere = readFiles('src').filter(
      ({ path, text }) =>
        path !== 'model/state-files.ts' && /join\(paths\.state|\$\{paths\.state\}\//.test(text),
    );
    expect(elsewhere.map(({ path }) => path)).toEqual([]);
  });

  test('exit codes of commands', () => {
    const known = reference.commands.map(({ name }) => name);
    const named = exitMeanings.flatMap(({ of }) => Object.keys(of));
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
    const ofCommands = Object.values(exitCodes).filter((code) => code !== exitCodes.vifRefused);
    expect(exitMeanings.map(({ code }) => code)).toEqual(ofCommands);
  });

  test('scripts of npm, and files of the repository and of the host', () => {
    const { scripts } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const wrong = codes.flatMap(({ path, text }) => {
      const ran = [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name);
      const missing = ran.filter((name) => !Object.hasOwn(scripts, name)).map((name) => `npm run ${name}`);
      const files = [...text.matchAll(/(?<![\w./~*-])\/?[a-z][\w.-]*\/[\w./*-]+/g)].map(([file]) => file);
      return [...missing, ...files.filter((file) => !exists(file))].map((name) => `${path}: ${name}`);
    });
    expect(wrong).toEqual([]);
  });
});

function readFiles(folder: string): { path: string; text: string }[] {
  return readdirSync(join(repository, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((path) => ({ path, text: readFileSync(join(repository, folder, path), 'utf8') }));
}

function optionsOf(commands: readonly CommandNames[]): string[] {
  return [...new Set(commands.flatMap(({ options }) => options))];
}

function wrongCommands({ path, text }: Code): string[] {
  const call = /(?:^|sudo |\/)guestgate (?:--verbose )?([a-z][a-z-]*)(.*)/.exec(text.split('#')[0] ?? '');
  const option = /^(--[a-z-]+)/.exec(text)?.[1];
  if (call === null) {
    const foreign =
      option === undefined || option === '--replay' || option === '--noflush' || option === '--help';
    return foreign || optionsOf(reference.commands).includes(option) ? [] : [`${path}: ${text}`];
  }
  const command = reference.commands.find(({ name }) => name === call[1]);
  const options = call[2]?.match(/--[a-z-]+/g) ?? [];
  return options.every((one) => command?.options.includes(one)) && command !== undefined
    ? []
    : [`${path}: ${text}`];
}

/** Where guestgate, and those whom it works with, keep their files. */
const hostFolders = [
  ...Object.values(paths).flat(),
  '/var/lib/guestgate/',
  '/etc/sysctl.d/',
  '/etc/systemd/system/',
  '/etc/netns/',
  '/run/netns/',
  '/etc/resolv.conf',
  '/etc/machine-id',
  '/usr/bin/python3',
  '/usr/bin/firecracker',
  '/usr/sbin/ip',
  '/srv/',
  '/usr/lib/systemd/system/',
  '/usr/share/doc/guestgate/',
  '/etc/rc.local',
  '/dev/null',
];

function exists(file: string): boolean {
  if (file.startsWith('/')) return hostFolders.some((folder) => file.startsWith(folder.replace(/\/$/, '')));
  const [first = ''] = file.split('/');
  const inRepository = existsSync(join(repository, first));
  return !inRepository || first === 'dist' || existsSync(join(repository, file.replace(/[^/]*\*.*/, '')));
}
