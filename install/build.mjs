// Compiles dist/guestgate (one executable, by bun) and dist/guestgate.mjs (for Node on machines bun does not serve).
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';

const bun = 'node_modules/bun/bin/bun.exe';
mkdirSync('dist', { recursive: true });
const compile = [
  '--compile',
  '--bytecode',
  '--format=cjs',
  '--no-compile-autoload-dotenv',
  '--no-compile-autoload-bunfig',
];
const build = (args) =>
  execFileSync(bun, ['build', 'src/main.ts', '--minify', ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
build([...compile, '--outfile', 'dist/guestgate']);
build(['--target=node', '--format=esm', '--banner=#!/usr/bin/env node', '--outfile', 'dist/guestgate.mjs']);
chmodSync('dist/guestgate.mjs', 0o755);
