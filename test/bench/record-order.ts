// Writes install/hook-order.txt: which functions events use, so that the build lays their bytecode out together.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compileExecutable } from '../../install/compile.mjs';
import { Lab, type LabOptions } from '../support/lab.ts';
import { hookEnvironment } from '../support/sandbox.ts';
import { domainXml, policyToml, populate } from './population.ts';

/*
 * A program that records is built, and the events of guests run with it, one after the other. Its lines name functions (F), modules (M, N)
 * and strings (S) by hash, in the order of their first use. The lines about all functions there are (K) are left out: they are four fifths.
 */

const path = (file: string) => fileURLToPath(new URL(`../../${file}`, import.meta.url));
const recording = path('.cache/bench/recording');
const others = 10;
const operations = ['started', 'reconnect', 'stopped', 'release', 'prepare', 'start'];

mkdirSync(path('.cache/bench'), { recursive: true });
await compileExecutable(recording, undefined, { recording: true });
const lines = new Set<string>();
for (const options of [{}, { backend: 'iptables-nft' }] satisfies LabOptions[]) {
  const lab = await Lab.create(options);
  try {
    for (const line of recordEvents(lab)) lines.add(line);
  } finally {
    await lab.destroy();
  }
}
writeFileSync(path('install/hook-order.txt'), `${[...lines].join('\n')}\n`);
console.log(`install/hook-order.txt: ${lines.size} lines; npm run build uses it`);

/** The most common events first: a function lies where the first event that uses it has it. */
function recordEvents(lab: Lab): string[] {
  lab.configure('');
  lab.host.sh(`cp ${recording} /usr/bin/guestgate.new; mv /usr/bin/guestgate.new /usr/bin/guestgate`);
  populate(lab, others);
  lab.host.write('/etc/guestgate/guests.d/probe.toml', policyToml(others, 'probe'));
  lab.host.sh('touch -d "1 hour ago" /etc/guestgate/guests.d /etc/guestgate/guests.d/*; sleep 0.2');
  lab.guestgate('replay');
  return [
    ...operations.flatMap((operation) => recorded(lab, 'probe', operation)),
    ...recorded(lab, 'stranger', 'started'),
  ];
}

function recorded(lab: Lab, name: string, operation: string): string[] {
  const file = `/tmp/${name}-${operation}`;
  const phase = operation === 'stopped' || operation === 'release' ? 'end' : 'begin';
  lab.host.run('/etc/libvirt/hooks/qemu', [name, operation, phase, '-'], {
    input: domainXml(others, name),
    env: { ...hookEnvironment, BUN_BYTECODE_ORDER_OUT: file },
  });
  return lab.host
    .read(file)
    .split('\n')
    .filter((line) => /^(v|[FMNS] )/.test(line));
}
