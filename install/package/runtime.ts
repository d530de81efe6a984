import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Target } from './targets.ts';

/**
 * Bun's executable for a target. npm installs only the one for its own platform, so the package is downloaded, once, in the
 * version that package-lock.json names, and compared with its hash there.
 *
 * @throws Error if the lock file does not know the package, or the hash differs
 */
export function runtimeFor(target: Target): string {
  const { version, integrity } = locked(target.npm);
  const folder = join('.cache/bun', `${target.npm.replace(/.*\//, '')}-${version}`);
  const program = join(folder, 'package/bin/bun');
  if (existsSync(program)) return program;
  const temporary = `${folder}.${process.pid}`;
  mkdirSync(temporary, { recursive: true });
  try {
    const pack = ['pack', '--silent', '--pack-destination', temporary, `${target.npm}@${version}`];
    const archive = join(temporary, execFileSync('npm', pack, { encoding: 'utf8' }).trim());
    const hash = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
    if (hash !== integrity)
      throw new Error(
        `downloading ${target.npm}@${version}: its hash is ${hash}, package-lock.json says ${integrity}`,
      );
    execFileSync('tar', ['-xzf', archive, '-C', temporary]);
    rmSync(archive);
    if (!existsSync(folder)) renameSync(temporary, folder);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return program;
}

function locked(name: string): { readonly version: string; readonly integrity: string } {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    readonly packages: Readonly<Record<string, { version: string; integrity: string }>>;
  };
  const found = packages[`node_modules/${name}`];
  if (found === undefined) throw new Error(`package-lock.json does not know ${name}`);
  return found;
}
