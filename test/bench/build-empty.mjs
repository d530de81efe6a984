// Compiles the empty program that the bench measures against, as ours is compiled.
import { mkdirSync } from 'node:fs';

mkdirSync('.cache/bench', { recursive: true });
const compile = { outfile: '.cache/bench/empty', autoloadDotenv: false, autoloadBunfig: false };
await Bun.build({
  entrypoints: ['test/bench/empty.ts'],
  minify: true,
  format: 'esm',
  target: 'bun',
  bytecode: true,
  compile,
});
