// Compiles dist/guestgate (one executable) and dist/guestgate.mjs (for Node on machines that bun does not serve).
// Run by bun: node install/bun.mjs install/build.mjs
import { chmodSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withoutEnvironment } from './own-environment.mjs';

/**
 * winston loads a copy of Node's streams, and a library that colours debug messages: hooks, which libvirt waits
 * for, need neither.
 */
const lighter = {
  name: 'lighter',
  setup(build) {
    const stand = (file) => () => ({ path: fileURLToPath(new URL(`lighter/${file}`, import.meta.url)) });
    build.onResolve({ filter: /^readable-stream$/ }, stand('readable-stream.cjs'));
    build.onResolve({ filter: /^readable-stream\/lib\/_stream_writable(\.js)?$/ }, stand('writable.cjs'));
    build.onResolve({ filter: /^@dabh\/diagnostics$/ }, stand('diagnostics.cjs'));
  },
};

/** For Node, bun would take jsonc-parser's UMD build, whose require() it cannot follow: both programs get the ES modules. */
const modules = {
  name: 'modules',
  setup(build) {
    const path = fileURLToPath(new URL('../node_modules/jsonc-parser/lib/esm/main.js', import.meta.url));
    build.onResolve({ filter: /^jsonc-parser$/ }, () => ({ path }));
  },
};

/**
 * What the events of guests load, in the order in which they load it. Bun makes a part of every set of modules that the same
 * import()s reach, so one more import() of a rare module would split what every hook loads, and each part costs time. So
 * whatever is loaded later counts as if it reached all of these: each layer is one part.
 */
const layers = [
  ['src/hook/run-hook.ts'],
  ['src/reconcile/removal.ts', 'src/hook/count-elements.ts'],
  ['src/hook/guest-start.ts', 'src/libvirt/domain.ts'],
];

const inLayers = {
  name: 'layers',
  setup(build) {
    const root = fileURLToPath(new URL('..', import.meta.url));
    build.onResolve({ filter: /^\.\.?\/.*\.ts$/ }, ({ kind, path, importer }) =>
      kind === 'dynamic-import'
        ? { path: relative(root, resolve(dirname(importer), path)), namespace: 'layer' }
        : undefined,
    );
    build.onLoad({ filter: /./, namespace: 'layer' }, ({ path }) => {
      const own = layers.findIndex((layer) => layer.includes(path));
      const earlier = layers.slice(0, own < 0 ? layers.length : own + 1).flat();
      const lines = earlier.map((file) => `import ${JSON.stringify(resolve(root, file))};`);
      const contents = [...lines, `export * from ${JSON.stringify(resolve(root, path))};`].join('\n');
      return { contents, loader: 'ts' };
    });
  },
};

const common = { entrypoints: ['src/main.ts'], minify: true, plugins: [lighter, modules] };
mkdirSync('dist', { recursive: true });

// Split, so that a hook loads only what its event needs; compiled ahead, so that it starts fast.
await build('dist/guestgate', (outfile) => ({
  target: 'bun',
  plugins: [...common.plugins, inLayers],
  format: 'esm',
  splitting: true,
  bytecode: true,
  compile: { outfile, autoloadDotenv: false, autoloadBunfig: false },
}));
await build('dist/guestgate.mjs', () => ({ target: 'node', format: 'esm', banner: '#!/usr/bin/env node' }));

/** Replaced by renaming: the old one may be running. */
async function build(file, options) {
  const { outputs, metafile } = await Bun.build({ ...common, metafile: true, ...options(`${file}.new`) });
  if (file.endsWith('.mjs')) await Bun.write(`${file}.new`, outputs[0]);
  else {
    await Bun.write('dist/metafile.json', JSON.stringify(metafile));
    const executable = readFileSync(`${file}.new`);
    withoutEnvironment(executable, statSync(process.execPath).size);
    await Bun.write(`${file}.new`, executable);
  }
  chmodSync(`${file}.new`, 0o755);
  renameSync(`${file}.new`, file);
}
