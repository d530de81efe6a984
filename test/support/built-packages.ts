import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryPath } from './repository.ts';

/** The packages of a target, made into a folder of .cache/package. @returns the folder */
export function buildPackages(name: string, ...options: readonly string[]): string {
  const output = repositoryPath(join('.cache/package', name));
  const args = ['install/bun.mjs', 'install/package/main.ts', '--output', output, ...options];
  execFileSync('node', args, { cwd: repositoryPath('.'), stdio: ['ignore', 'ignore', 'inherit'] });
  return output;
}

/** @throws Error unless there is exactly one file with this ending */
export function only(folder: string, ending: string): string {
  const found = readdirSync(folder).filter((file) => file.endsWith(ending));
  if (found.length !== 1) throw new Error(`${folder} has ${found.length} files *${ending}`);
  return join(folder, found[0] ?? '');
}
