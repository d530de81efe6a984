import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { repositoryPath } from '../../support/repository.ts';

/* With a small file for the program: `npm run test:package` makes, checks and installs the real packages. */

interface Made {
  readonly deb: string;
  readonly archive: string;
  readonly staged: readonly string[];
  readonly sums: readonly string[];
}

const folder = mkdtempSync(join(tmpdir(), 'guestgate-packages-'));
afterAll(() => rmSync(folder, { recursive: true }));

function make(name: string, umask: string): Made {
  const script = `umask ${umask}; exec node install/bun.mjs test/support/small-packages.ts "$0"`;
  const options = { cwd: repositoryPath('.'), encoding: 'utf8' } as const;
  return JSON.parse(execFileSync('sh', ['-c', script, join(folder, name)], options)) as Made;
}

let made: Made;
beforeAll(() => {
  made = make('one', '022');
});

test('two builds are the same, byte by byte, also with another umask and in another folder', () => {
  expect(make('another', '077').sums).toEqual(made.sums);
});

test('a .deb has program, units, manuals, completions and documents, all of root', () => {
  const listing = execFileSync('dpkg-deb', ['-c', made.deb], { encoding: 'utf8' });
  const files = listing
    .split('\n')
    .map((line) => line.split(/\s+/))
    .filter(([mode = '']) => mode.startsWith('-'));
  expect(files.map(([mode, owner, , , , path]) => `${mode} ${owner} ${path?.slice(1)}`)).toMatchSnapshot();
});

test('an .rpm has the same, with the places of its own for zsh', () => {
  expect(made.staged).toContain('usr/share/zsh/site-functions/_guestgate');
  expect(made.staged).toContain('usr/lib/systemd/system-preset/50-guestgate.preset');
  expect(made.staged.filter((path) => path.includes('debian') || path.startsWith('DEBIAN'))).toEqual([]);
});

test('no file of the package is one that dpkg would ask about', () => {
  const control = execFileSync('dpkg-deb', ['-I', made.deb], { encoding: 'utf8' });
  expect(control).not.toContain('conffiles');
  expect(control).toMatch(/ Version: 1\.2\.3-1$/m);
});

test('the archive has the program and what installs it, in one folder', () => {
  const names = execFileSync('tar', ['-tzf', made.archive], { encoding: 'utf8' }).trim().split('\n');
  expect(names.map((name) => name.replace(/^guestgate-1\.2\.3-linux-x64\//, ''))).toEqual([
    ...['', 'CHANGELOG.md', 'LICENSE', 'README.md', 'guestgate', 'install.sh', 'third-party-licences'],
  ]);
});
