// Runs everything, and ends with one line: N passed, N failed. Arguments name the steps to run; all by default.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'guestgate-test-'));
const steps = {
  types: () => program('tsc', ['--noEmit']),
  lint: () => program('biome', ['ci', '--error-on-warnings', '.']),
  shell: () =>
    command('shellcheck', [
      ...['install/bootstrap.sh', '.ci/run', 'test/bench/process-a-rule.sh'],
      ...['dom0-init', 'domu-init', 'dom0-functions.sh'].map((file) => `test/xen/${file}`),
      ...['guestgate.sh', 'vif-common.sh', 'vif-guestgate', 'vif-post.d/50-guestgate.hook'].map(
        (file) => `xen-scripts/${file}`,
      ),
    ]),
  unit: () => vitest('unit'),
  lab: () => vitest('lab'),
  contract: () => vitest('contract'),
  libvirt: () => vitest('libvirt'),
  // All of it: npm run test:libvirt-nft
  'libvirt-nft': () => vitest('libvirt-nft', ['running-guests', 'migration']),
  xen: (output) => vitest('xen', [], output),
};
/** Emulates one processor, and asks nobody what time it is: begun before these, which use one processor each, too. */
const aside = { xen: ['libvirt', 'libvirt-nft'] };

const wanted = process.argv.slice(2).length > 0 ? process.argv.slice(2) : Object.keys(steps);
const total = { passed: 0, failed: 0, skipped: 0 };
const begun = new Map();
for (const name of Object.keys(steps).filter((one) => wanted.includes(one))) {
  for (const [other, beside] of Object.entries(aside))
    if (wanted.includes(other) && beside.includes(name) && !begun.has(other))
      begun.set(other, timed(other, join(folder, `${other}.txt`)));
  console.log(`\n== ${name}`);
  const { counts, seconds } = await (begun.get(name) ?? timed(name));
  if (begun.has(name)) process.stdout.write(readFileSync(join(folder, `${name}.txt`)));
  for (const key of Object.keys(total)) total[key] += counts[key] ?? 0;
  console.log(`== ${name}: ${counts.passed} passed, ${counts.failed} failed, ${seconds} s`);
}
rmSync(folder, { recursive: true, force: true });
console.log(
  `\n${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`,
);
process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0);

/** @param file where the step's output goes, if not to ours */
async function timed(name, file) {
  const began = Date.now();
  const output = file === undefined ? 'inherit' : openSync(file, 'w');
  const counts = await steps[name](output);
  if (file !== undefined) closeSync(output);
  return { counts, seconds: Math.round((Date.now() - began) / 1000) };
}

function program(name, args) {
  return command(join('node_modules', '.bin', name), args);
}

/** A step that is one test by itself. */
async function command(file, args) {
  return (await run(file, args, 'inherit')) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** @returns the exit code; null where there is none */
function run(file, args, output) {
  const child = spawn(file, args, { stdio: ['ignore', output, output] });
  return new Promise((resolve) => {
    child.once('close', resolve);
    child.once('error', (error) => {
      console.log(`${file}: ${error.message}`);
      resolve(null);
    });
  });
}

/** Counts from vitest's own report; a run that reports nothing has failed. A skipped test fails in CI: nothing may hide. */
async function vitest(project, files = [], output = 'inherit') {
  const report = join(folder, `${project}.json`);
  const args = [
    'run',
    '--project',
    project,
    ...files,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ];
  const status = await run(join('node_modules', '.bin', 'vitest'), args, output);
  if (!existsSync(report)) return { passed: 0, failed: 1 };
  const result = JSON.parse(readFileSync(report, 'utf8'));
  const skipped = result.numPendingTests + (result.numTodoTests ?? 0);
  const failed = result.numFailedTests || (status === 0 ? 0 : 1);
  return {
    passed: result.numPassedTests,
    failed: failed + (process.env.CI ? skipped : 0),
    skipped: process.env.CI ? 0 : skipped,
  };
}
