import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const repository = fileURLToPath(new URL('../../', import.meta.url));

/** What a hook loads on its way to the kernel: these modules, and all that they import at once. */
const loadedByHooks = [
  'src/main.ts',
  'src/app/hook.ts',
  'src/app/on-event.ts',
  'src/app/opening.ts',
  'src/app/removal.ts',
  'src/app/networks.ts',
  'src/app/hotplug.ts',
  'src/app/vif-hook.ts',
  'src/events/domain.ts',
  'src/events/network.ts',
];

/** The packages and Node modules that a module imports at once, and those of the modules it imports. */
function importedAtOnce(file: string, seen: Set<string>, packages: Set<string>): void {
  if (seen.has(file)) return;
  seen.add(file);
  const text = readFileSync(join(repository, file), 'utf8');
  for (const [, names = '', from = ''] of text.matchAll(/^(?:import|export)\s([^;]*?)from '([^']+)';/gms)) {
    const typesOnly = /^type\s/.test(names) || /^\{(\s*type [^,}]+,?)+\s*\}\s*$/.test(names);
    if (typesOnly) continue;
    if (from.startsWith('.')) importedAtOnce(join(dirname(file), from), seen, packages);
    else packages.add(from);
  }
}

test('hooks load nothing heavy on their way to the kernel: streams, parsers, loggers and the CLI come later or never', () => {
  const seen = new Set<string>();
  const packages = new Set<string>();
  for (const file of loadedByHooks) importedAtOnce(file, seen, packages);
  expect([...packages].sort()).toEqual(['node:fs', 'node:path']);
  expect([...seen].filter((file) => /src\/cli|system\/log\.ts|policy\/configuration/.test(file))).toEqual([]);
});
