// Compiles dist/guestgate (one executable, by bun) and dist/guestgate.mjs (for Node on machines bun does not serve).
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, renameSync } from 'node:fs';
import { bun } from './bun.mjs';

const common = ['build', 'src/main.ts', '--minify'];
const compiled = [
  '--compile',
  '--bytecode',
  '--format=cjs',
  '--no-compile-autoload-dotenv',
  '--no-compile-autoload-bunfig',
];
const script = ['--target=node', '--format=esm', '--banner=#!/usr/bin/env node'];

mkdirSync('dist', { recursive: true });
build(compiled, 'dist/guestgate');
build(script, 'dist/guestgate.mjs');

/** Replaced by renaming: the old one may be running. */
function build(options, file) {
  execFileSync(bun, [...common, ...options, '--outfile', `${file}.new`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  chmodSync(`${file}.new`, 0o755);
  renameSync(`${file}.new`, file);
}
