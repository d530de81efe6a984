// Runs everything. At the end come what failed and why, what was skipped and why, and one line: N passed, N failed.
// Arguments name the steps to run; by default all but those of `byName`. LABS=all: all of everything, for hours when nobody waits.
import { join } from 'node:path';
import { Processes } from './runner/processes.mjs';
import { resultOfCommand, resultOfVitest } from './runner/result.mjs';

const shellScripts = [
  ...[
    'install/bootstrap.sh',
    'pkg/lxc/guestgate-hook.sh',
    'pkg/vserver/guestgate-scriptlet.sh',
    'pkg/tar/install.sh',
    '.ci/run',
    'test/bench/process-a-rule.sh',
    'test/runner/janitor.sh',
  ],
  ...['postinst', 'prerm', 'postrm'].map((file) => `pkg/deb/${file}`),
  'pkg/completions/guestgate.bash',
  ...['dom0-init', 'domu-init', 'dom0-functions.sh'].map((file) => `test/xen/${file}`),
  ...['guestgate.sh', 'vif-common.sh', 'vif-guestgate', 'vif-post.d/50-guestgate.hook'].map(
    (file) => `xen-scripts/${file}`,
  ),
];

const isThorough = process.env.LABS === 'all';
/** Files of a step that are left to a run by name. */
const without = (pattern) => (isThorough ? [] : ['--exclude', pattern]);

/** Each runs with its name and with what takes its output. */
const steps = {
  types: (step) => command(step, installed('tsc'), ['--noEmit']),
  lint: (step) => command(step, installed('biome'), ['ci', '--error-on-warnings', '.']),
  // Imports go down only: see .dependency-cruiser.mjs.
  rooms: (step) =>
    command(step, installed('depcruise'), ['--config', '.dependency-cruiser.mjs', 'src', 'hooks', 'install']),
  shell: (step) => command(step, 'shellcheck', shellScripts),
  unit: (step) => vitest(step, [], ['unit', 'unit-files']),
  // All of it, and all cases: npm run test:lab
  lab: (step) => vitest(step, without('**/*.slow.test.ts')),
  // All of it: npm run test:contract. The rules of iptables-legacy are those of iptables-nft; switching.test.ts has both.
  contract: (step) => vitest(step, without('**/iptables-legacy.test.ts')),
  // All of it: npm run test:libvirt
  libvirt: (step) => vitest(step, without('**/*.slow.test.ts')),
  // All of it: npm run test:libvirt-nft
  'libvirt-nft': (step) => vitest(step, isThorough ? [] : ['running-guests', 'migration']),
  xen: vitest,
};
/** An emulated processor takes Xen minutes: as long as a third of everything else. */
const byName = { xen: 'npm run test:xen' };
/**
 * What runs beside others, and begins with the first of these, so that both processors always have something to do: Xen is one
 * emulated processor, busy from the beginning to its end; libvirt's tests wait, one after the other; unit's keep one processor busy.
 */
const aside = {
  xen: ['unit', 'lab', 'contract', 'libvirt', 'libvirt-nft'],
  lab: ['unit'],
  libvirt: ['unit', 'lab', 'contract'],
  'libvirt-nft': ['lab', 'contract', 'libvirt'],
};

const processes = new Processes();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => interrupted(signal));
process.stdout.once('error', () => interrupted('SIGHUP')); // no reader is left
if (process.env.npm_lifecycle_event !== undefined) endWithParent();

const usual = Object.keys(steps).filter((name) => isThorough || !(name in byName));
const wanted = process.argv.slice(2).length > 0 ? process.argv.slice(2) : usual;
const unknown = wanted.filter((name) => !(name in steps));
const failed = unknown.map((name) => ({
  where: `${name}: there is no such step`,
  lines: [`the steps: ${Object.keys(steps).join(', ')}`],
}));
const skipped = [];
let passed = 0;
const begun = new Map();
for (const name of Object.keys(steps).filter((step) => wanted.includes(step))) {
  for (const [other, beside] of Object.entries(aside))
    if (wanted.includes(other) && beside.includes(name) && !begun.has(other)) begun.set(other, begin(other));
  const step = begun.get(name) ?? begin(name);
  console.log(`\n== ${name}`);
  step.show();
  const { result, processor, seconds } = await step.done;
  passed += result.passed;
  failed.push(...result.failed);
  skipped.push(...result.skipped);
  console.log(
    `== ${name}: ${result.passed} passed, ${result.failed.length} failed, ${result.skipped.length} skipped, ${seconds} s, ${Math.round(processor)} s of a processor`,
  );
}
await processes.end();

for (const [name, command] of Object.entries(byName))
  if (!wanted.includes(name)) console.log(`\nNot part of this run: ${name} (${command})`);
tell('Skipped', skipped);
tell('Failed', failed);
// In CI a skipped test has failed: nothing may hide.
const hidden = process.env.CI ? skipped.length : 0;
const rest = skipped.length - hidden;
const counts = [
  `${passed} passed`,
  `${failed.length + hidden} failed`,
  ...(rest > 0 ? [`${rest} skipped`] : []),
];
console.log(`\n${counts.join(', ')}`);
process.exitCode = failed.length + hidden > 0 || passed === 0 ? 1 : 0;

/** Starts a step. Its output is kept until `show` is called, and goes to ours from then on. */
function begin(name) {
  const began = Date.now();
  const step = { output: '', isShown: false };
  const write = (text) => {
    if (step.isShown) process.stdout.write(text);
    else step.output += text;
  };
  const done = steps[name]({ name, write }).then(({ result, processor }) => ({
    result,
    processor,
    seconds: Math.round((Date.now() - began) / 1000),
  }));
  const show = () => {
    step.isShown = true;
    process.stdout.write(step.output);
  };
  return { done, show };
}

/** A step that is one test by itself. */
async function command({ name, write }, file, args) {
  const ended = await processes.run(file, args, write);
  return { result: resultOfCommand(name, ended), processor: ended.processor };
}

async function vitest({ name, write }, files = [], projects = [name]) {
  const report = join(processes.folder, `${name}.jsonl`);
  const reporters = ['--reporter=default', '--reporter=./test/runner/reporter.mjs'];
  const ended = await processes.run(
    installed('vitest'),
    ['run', ...projects.flatMap((project) => ['--project', project]), ...files, ...reporters],
    write,
    {
      GUESTGATE_REPORT: report,
      ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}),
    },
  );
  return { result: resultOfVitest(name, report, ended), processor: ended.processor };
}

function installed(name) {
  return join('node_modules', '.bin', name);
}

function tell(title, notes) {
  if (notes.length > 0) console.log(`\n${title}:`);
  for (const [at, { where, lines }] of notes.entries()) {
    console.log(`  ${where}`);
    const next = notes[at + 1]?.lines.join('\n');
    if (next !== lines.join('\n')) console.log(lines.map((line) => `      ${line}`).join('\n'));
  }
}

async function interrupted(signal) {
  await processes.end();
  console.log(`\nended by ${signal}`);
  process.exit(128 + { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 }[signal]);
}

/** npm that is killed says nothing to what it runs. */
function endWithParent() {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) interrupted('SIGHUP');
  }, 500).unref();
}
