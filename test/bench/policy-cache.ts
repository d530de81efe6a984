// How long two executables take for hooks, with policies of more and more guests: for another way to keep parsed policies.
// Arguments: the executables.
import { Lab } from '../support/lab.ts';
import { domainXml, policyToml, populate } from './population.ts';

const programs = process.argv.slice(2);
const counts = [10, 200, 1000, 5000];
const rounds = 60;

const lab = await Lab.create();
try {
  const hooks = programs.map(install);
  for (const count of counts) console.log(render(count, measure(count, hooks)));
} finally {
  await lab.destroy();
}

/** @returns the hook's path: an executable knows by its name that it is one */
function install(program: string, index: number): string {
  const folder = `/tmp/guestgate-${index}`;
  lab.host.sh(`mkdir -p ${folder}; cp ${program} ${folder}/guestgate; ln -s guestgate ${folder}/qemu`);
  return `${folder}/qemu`;
}

/** The shortest time of each, as other programs only make it longer; one after the other, again and again. */
function measure(count: number, hooks: readonly string[]): Record<string, number> {
  populate(lab, count);
  lab.host.write('/etc/guestgate/guests.d/probe.toml', policyToml(count, 'probe'));
  lab.host.sh('touch -d "1 hour ago" /etc/guestgate/guests.d; sleep 2.1; rm -rf /run/libvirt/qemu');
  const cases: Record<string, object> = {};
  for (const [index, hook] of hooks.entries()) {
    const probe = domainXml(count, 'probe');
    const stopped = [hook, 'probe', 'stopped', 'end', '-'];
    cases[`prepare ${index}`] = {
      argv: [hook, 'stranger', 'prepare', 'begin', '-'],
      input: domainXml(count + 1, 'stranger'),
    };
    cases[`started ${index}`] = {
      argv: [hook, 'probe', 'started', 'begin', '-'],
      input: probe,
      before: [stopped],
    };
  }
  const input = JSON.stringify({ rounds: rounds + 2, cases });
  const script = new URL('measure.mjs', import.meta.url).pathname;
  const { stdout } = lab.host.run('node', [script], { input, timeout: 600_000 });
  const times = JSON.parse(stdout) as Record<string, number[]>;
  return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, Math.min(...list.slice(2))]));
}

function render(count: number, times: Record<string, number>): string {
  const cells = Object.entries(times).map(([name, time]) => `${name}: ${time.toFixed(1)} ms`);
  return `${count} guests: ${cells.join(', ')}`;
}
