import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/*
 * What a hook loads on its way to the kernel, as bun's own account of the build tells (dist/metafile.json): the program is
 * split at each import(), and a part brings with it all that it imports.
 */

interface Import {
  readonly path: string;
  readonly kind: 'import-statement' | 'dynamic-import' | 'require-call';
  readonly external?: boolean;
}
interface Metafile {
  readonly inputs: Readonly<Record<string, { readonly imports: readonly Import[] }>>;
  readonly outputs: Readonly<
    Record<
      string,
      { readonly entryPoint?: string; readonly inputs: object; readonly imports: readonly Import[] }
    >
  >;
}

const file = fileURLToPath(new URL('../../dist/metafile.json', import.meta.url));
const metafile = JSON.parse(readFileSync(file, 'utf8')) as Metafile;

/** The parts that events load one after the other. */
const loadedByHooks = [
  'src/main.ts',
  'src/hook/run-hook.ts',
  'src/hook/dispatch.ts',
  'src/hook/guest-start.ts',
  'src/reconcile/removal.ts',
  'src/reconcile/network-rules.ts',
  'src/reconcile/repair.ts',
  'src/reconcile/tidy.ts',
  'src/hook/hotplug.ts',
  'src/hook/run-vif.ts',
  'src/libvirt/domain.ts',
  'src/libvirt/network.ts',
];

/** The modules of a part, and of all parts that it imports at its start. */
function modulesOf(entry: string): Set<string> {
  return new Set([...partsOf(entry)].flatMap((part) => Object.keys(metafile.outputs[part]?.inputs ?? {})));
}

/** A part, and all parts that it imports at its start. */
function partsOf(entry: string): Set<string> {
  const parts = Object.entries(metafile.outputs);
  const first = parts.find(([, output]) => output.entryPoint === entry || entry in output.inputs)?.[0];
  const seen = new Set<string>();
  const visit = (part: string | undefined) => {
    if (part === undefined || seen.has(part)) return;
    seen.add(part);
    for (const { path, kind } of metafile.outputs[part]?.imports ?? [])
      if (kind !== 'dynamic-import') visit(path);
  };
  visit(first);
  return seen;
}

/* Each part costs time, and bun splits modules wherever one more import() reaches some of them: install/compile.mjs says which stay together. */
test.each([
  ['src/hook/run-hook.ts', 3],
  ['src/reconcile/removal.ts', 4],
  ['src/hook/guest-start.ts', 5],
])('%s is loaded in %i parts', (entry, most) => {
  expect(partsOf(entry).size).toBeLessThanOrEqual(most);
});

test.each(loadedByHooks)('%s brings no package, parser, logger or command with it', (entry) => {
  const modules = [...modulesOf(entry)];
  expect(modules).toContain(entry);
  expect(modules.filter((module) => module.includes('node_modules/'))).toEqual([]);
  expect(
    modules.filter((module) => /^src\/cli\/|system\/log\.ts|policy\/configuration/.test(module)),
  ).toEqual([]);
  const builtins = modules.flatMap((module) =>
    (metafile.inputs[module]?.imports ?? []).flatMap(({ path, external, kind }) =>
      external === true && kind !== 'dynamic-import' ? [path.replace('node:', '')] : [],
    ),
  );
  expect([...new Set(builtins)].filter((name) => !['fs', 'path', 'os'].includes(name)).sort()).toEqual([]);
});
