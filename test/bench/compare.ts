// How long the events of one guest take with several executables, each on a host of its own, in turns. Prints the shortest
// times: other programs on the machine only make them longer. Arguments: the executables.
import { Lab } from '../support/lab.ts';
import { domainXml, policyToml, populate } from './population.ts';

const others = 10;
const rounds = 6;
const times = 25;
const hook = '/etc/libvirt/hooks/qemu';
const operations = ['prepare', 'start', 'started', 'reconnect', 'stopped', 'release'] as const;

const labs: Lab[] = [];
try {
  const programs = process.argv.slice(2);
  for (const program of programs) labs.push(await prepare(program));
  const shortest = programs.map(() => new Map<string, number>());
  for (let round = 0; round < rounds; round++)
    for (const [index, lab] of labs.entries())
      for (const [name, list] of Object.entries(measure(lab))) {
        const all = [...list.slice(2), shortest[index]?.get(name) ?? Number.POSITIVE_INFINITY];
        shortest[index]?.set(name, Math.min(...all));
      }
  console.log(
    `| event, milliseconds | ${programs.join(' | ')} |\n|---|${programs.map(() => '---|').join('')}`,
  );
  for (const name of shortest[0]?.keys() ?? [])
    console.log(`| ${name} | ${shortest.map((own) => own.get(name)?.toFixed(1)).join(' | ')} |`);
} finally {
  for (const lab of labs) await lab.destroy();
}

async function prepare(program: string): Promise<Lab> {
  const lab = await Lab.create();
  lab.host.sh(`cp ${program} /usr/bin/guestgate.new; mv /usr/bin/guestgate.new /usr/bin/guestgate`);
  populate(lab, others);
  lab.host.write('/etc/guestgate/guests.d/probe.toml', policyToml(others, 'probe'));
  lab.host.sh('touch -d "1 hour ago" /etc/guestgate/guests.d; sleep 2.1');
  lab.guestgate('replay');
  return lab;
}

function measure(lab: Lab): Record<string, number[]> {
  const input = domainXml(others, 'probe');
  const call = (name: string, operation: string) => [
    hook,
    name,
    operation,
    operation === 'stopped' || operation === 'release' ? 'end' : 'begin',
    '-',
  ];
  const cases = Object.fromEntries(
    operations.map((operation) => [
      operation,
      {
        argv: call('probe', operation),
        input,
        ...(operation === 'started' && { before: [call('probe', 'stopped')] }),
        ...(operation === 'stopped' && { before: [call('probe', 'started')] }),
      },
    ]),
  );
  const stranger = { argv: call('stranger', 'started'), input: domainXml(others + 1, 'stranger') };
  const request = JSON.stringify({ rounds: times, cases: { ...cases, 'started, no policy': stranger } });
  const script = new URL('measure.mjs', import.meta.url).pathname;
  const { stdout } = lab.host.run('node', [script], { input: request, timeout: 600_000 });
  return JSON.parse(stdout) as Record<string, number[]>;
}
