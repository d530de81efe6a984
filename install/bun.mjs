// Where bun is, whether or not npm was allowed to run bun's install script. As a program: runs it.
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const inPackage = `node_modules/@oven/bun-${process.platform}-${process.arch}/bin/bun`;
export const bun = fileURLToPath(
  new URL(`../${existsSync(inPackage) ? inPackage : 'node_modules/bun/bin/bun.exe'}`, import.meta.url),
);

if (realpathSync(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) {
  const { status } = spawnSync(bun, process.argv.slice(2), { stdio: 'inherit' });
  process.exit(status ?? 1);
}
