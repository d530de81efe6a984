// Runs everything, and ends with one line: N passed, N failed. Arguments name the steps to run; all by default.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
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
  xen: () => vitest('xen'),
};

const wanted = process.argv.slice(2);
const total = { passed: 0, failed: 0, skipped: 0 };
for (const [name, step] of Object.entries(steps)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`\n== ${name}`);
  const began = Date.now();
  const counts = step();
  for (const key of Object.keys(total)) total[key] += counts[key] ?? 0;
  console.log(
    `== ${name}: ${counts.passed} passed, ${counts.failed} failed, ${((Date.now() - began) / 1000).toFixed(0)} s`,
  );
}
rmSync(folder, { recursive: true, force: true });
console.log(
  `\n${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`,
);
process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0);

function program(name, args) {
  return command(join('node_modules', '.bin', name), args);
}

/** A step that is one test by itself. */
function command(file, args) {
  const { status, error } = spawnSync(file, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (error) console.log(`${file}: ${error.message}`);
  return status === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** Counts from vitest's own report; a run that reports nothing has failed. A skipped test fails in CI: nothing may hide. */
function vitest(project, files = []) {
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
  const { status } = spawnSync(join('node_modules', '.bin', 'vitest'), args, {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
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
