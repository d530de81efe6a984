// Compiles dist/guestgate (one executable) and dist/guestgate.mjs (for Node on machines that bun does not serve).
// Run by bun: node install/bun.mjs install/build.mjs
import { mkdirSync, writeFileSync } from 'node:fs';
import { bundleForNode, compileExecutable } from './compile.mjs';

mkdirSync('dist', { recursive: true });
writeFileSync('dist/metafile.json', JSON.stringify(await compileExecutable('dist/guestgate')));
await bundleForNode('dist/guestgate.mjs');
