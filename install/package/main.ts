// Makes dist/packages: .deb, .rpm and archives for each target, and SHA256SUMS. Run by: npm run package
// With names of targets, only these.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { version } from '../../src/cli/version.ts';
import { commitTime } from '../commit.ts';
import { compileExecutable } from '../compile.mjs';
import { makeDeb } from './deb.ts';
import { makeRpm } from './rpm.ts';
import { runtimeFor } from './runtime.ts';
import { type Release, stage } from './stage.ts';
import { makeTarball } from './tarball.ts';
import { type Target, targets } from './targets.ts';
import { thirdPartyLicences } from './third-party.ts';

await main();

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      output: { type: 'string', default: 'dist/packages' },
      // What the package calls itself: the tests of upgrades need two versions.
      'package-version': { type: 'string', default: version },
    },
  });
  const { output } = values;
  const wanted = targets.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  const unknown = positionals.filter((name) => !wanted.some((target) => target.name === name));
  if (unknown.length > 0)
    throw new Error(`unknown target ${unknown.join(', ')} (${targets.map(({ name }) => name).join(', ')})`);
  rmSync(output, { recursive: true, force: true });
  const made: string[] = [];
  for (const target of wanted) made.push(...(await makeAll(target, output, values['package-version'])));
  rmSync(join(output, '.work'), { recursive: true });
  writeFileSync(join(output, 'SHA256SUMS'), made.sort().map(checksum).join(''));
}

async function makeAll(target: Target, output: string, packageVersion: string): Promise<string[]> {
  const work = join(output, '.work');
  const program = join(work, target.name, 'guestgate');
  mkdirSync(join(work, target.name), { recursive: true });
  const metafile = await compileExecutable(program, { target: target.bun, path: runtimeFor(target) });
  const release: Release = {
    version: packageVersion,
    time: commitTime(),
    thirdParty: thirdPartyLicences(metafile),
  };
  const files = [makeTarball(work, output, program, target.name, release)];
  if (target.debian !== undefined) {
    const root = join(work, target.name, 'deb');
    stage(root, 'debian', program, release);
    files.push(makeDeb(root, output, target.debian, release));
  }
  if (target.rpm !== undefined) {
    const root = join(work, target.name, 'rpm');
    stage(root, 'other', program, release);
    files.push(makeRpm(root, output, target.rpm, release));
  }
  for (const file of files) console.log(file);
  return files;
}

function checksum(file: string): string {
  return `${createHash('sha256').update(readFileSync(file)).digest('hex')}  ${basename(file)}\n`;
}
