import { execFileSync } from 'node:child_process';
import { beforeAll, expect, test } from 'vitest';
import type { CommandNames } from '../../../install/reference/commands.ts';
import { repositoryPath } from '../../support/repository.ts';

/** What bash itself offers after TAB, with the file that is installed. */
function offered(...words: readonly string[]): string[] {
  const script = `. "$0"; COMP_WORDS=(guestgate "$@"); COMP_CWORD=$#; _guestgate; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const file = repositoryPath('pkg/completions/guestgate.bash');
  return execFileSync('bash', ['-c', script, file, ...words], { encoding: 'utf8' })
    .trim()
    .split('\n');
}

let commands: CommandNames[];
beforeAll(() => {
  const args = ['install/bun.mjs', 'install/reference.ts', '--json'];
  const text = execFileSync('node', args, { cwd: repositoryPath('.'), encoding: 'utf8' });
  commands = (JSON.parse(text) as { commands: CommandNames[] }).commands;
});

test('every command is offered, or those that begin so', () => {
  expect(offered('')).toEqual(commands.map(({ name }) => name));
  expect(offered('un')).toEqual(['unpublish', 'uninstall']);
  expect(offered('--v')).toEqual(['--verbose', '--version']);
});

test('every option of a command, and of no other', () => {
  for (const { name, options } of commands) {
    const own = options.filter((option) => option !== '--version');
    expect(offered(name, '--').sort(), name).toEqual([...own, '--help'].sort());
  }
});

test('the values of an option that has a choice, and files where one is wanted', () => {
  expect(offered('install', '--xen', '')).toEqual(['replace', 'hook', 'no']);
  expect(offered('publish', '--rate', '')).toEqual(['']);
  expect(offered('import', '/etc/host')).toContain('/etc/hosts');
});
