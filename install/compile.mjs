// How the programs are made of src/. Used by build.mjs and package/, and run by bun.
import { chmodSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commit } from './commit.ts';
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

/**
 * How many times more often than usual a function has to run before JavaScriptCore compiles it to machine code
 * (https://bun.com/reference/bun/CompileBuildOptions/jitPolicy). A hook ends before that pays: with the usual thresholds an event starts two
 * threads that compile, for a sixth of its processor time. What is busy for seconds is compiled all the same.
 */
const jitPolicy = 8;

/**
 * Which functions events use, as `npm run record-order` wrote them: what a hook reads of the executable lies together, on fewer pages.
 * One line per function, by its content: what has changed since only lies elsewhere.
 */
const order = fileURLToPath(new URL('hook-order.txt', import.meta.url));

const common = {
  entrypoints: ['src/main.ts'],
  minify: true,
  metafile: true,
  define: { builtFrom: JSON.stringify(commit()) },
};

/**
 * The executable. It is split, so that a hook loads only what its event needs, and compiled ahead, so that it starts fast.
 *
 * @param {string} file where it is to be
 * @param {{ target: string, path: string }} [runtime] another platform, as bun names it, and bun's executable for it
 * @param {{ recording?: boolean }} [options] `recording`: not for users: the program still reads BUN_BYTECODE_ORDER_OUT
 */
export async function compileExecutable(file, runtime, { recording = false } = {}) {
  const outfile = `${file}.new`;
  const cross = runtime && { target: runtime.target, executablePath: runtime.path };
  const { metafile } = await Bun.build({
    ...common,
    target: 'bun',
    plugins: [lighter, modules, inLayers],
    format: 'esm',
    splitting: true,
    bytecode: true,
    compile: {
      outfile,
      jitPolicy,
      ...(!recording && { bytecodeOrder: order }),
      autoloadDotenv: false,
      autoloadBunfig: false,
      ...cross,
    },
  });
  const executable = readFileSync(outfile);
  if (!recording) withoutEnvironment(executable, statSync(runtime?.path ?? process.execPath).size);
  put(file, executable);
  return metafile;
}

/** The program for Node.js. */
export async function bundleForNode(file) {
  const { outputs } = await Bun.build({
    ...common,
    target: 'node',
    plugins: [lighter, modules],
    format: 'esm',
    banner: '#!/usr/bin/env node',
  });
  put(file, Buffer.from(await outputs[0].arrayBuffer()));
}

/** Replaced by renaming: the old one may be running. */
function put(file, data) {
  writeFileSync(`${file}.new`, data);
  chmodSync(`${file}.new`, 0o755);
  renameSync(`${file}.new`, file);
}
