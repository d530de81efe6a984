// One run that measures guestgate beside other ways, as ratios. Arguments: --json, --quick, --write (into docs/benchmarks.md).
import { fileURLToPath } from 'node:url';
import { writeFigures } from '../support/figures.ts';
import { Lab, publicAddress } from '../support/lab.ts';
import { readRepository } from '../support/repository.ts';
import { type Boot, bootStorm } from './boot-storm.ts';
import { iptablesEvents, renderIptables } from './iptables.ts';
import { type Latency, latencies } from './latency.ts';
import { measured } from './measured.ts';
import { domainXml, forwardsEach, policyToml, populate, portsOf } from './population.ts';
import { format, ratio, type Spread } from './statistics.ts';

const quick = process.argv.includes('--quick');
const json = process.argv.includes('--json');
const counts = quick ? [0, 1000] : [0, 100, 1000, 5000];
const rounds = quick ? 11 : 31;
const hook = '/etc/libvirt/hooks/qemu';
const folder = fileURLToPath(new URL('.', import.meta.url));

interface Events {
  readonly guests: number;
  readonly times: Record<string, Spread>;
  /** Of everything, where there is anything. */
  readonly replay?: Spread;
  readonly load?: Spread;
}

interface Today {
  readonly guests: number;
  readonly start: Spread;
}

const lab = await Lab.create();
try {
  lab.host.run('iptables-nft-restore', [], { input: readRepository('test/lab/rules/libvirt-iptables.txt') });
  installEmpty();
  const events: Events[] = [];
  for (const count of counts) events.push(measureEvents(count));
  const today = measureToday();
  const storm = await bootStorm(lab, quick ? 40 : 200, quick ? 100 : 500);
  const connects = await latencies(lab, quick ? [1, 1000] : [1, 1000, 50_000]);
  const memory = measureMemory();
  const iptables = await iptablesEvents(quick ? [0, 200] : [0, 100, 1000], quick ? 7 : 21);
  if (json)
    console.log(JSON.stringify({ rounds, events, today, storm, connects, memory, iptables }, null, 2));
  else {
    const figures = `${render(events, today, storm, connects, memory)}\n\n${renderIptables(iptables)}`;
    console.log(figures);
    if (process.argv.includes('--write')) writeFigures('docs/benchmarks.md', 'npm run bench', figures);
  }
} finally {
  await lab.destroy();
}

/** A program that reads stdin and does nothing, compiled as ours is. */
function installEmpty(): void {
  lab.host.run('sh', ['-ec', 'cp "$1" /usr/bin/empty', 'sh', `${folder}../../.cache/bench/empty`]);
}

function measure(cases: Record<string, object>, times = rounds): Record<string, Spread> {
  return measured(lab, cases, times);
}

/** With so many guests loaded, one more comes and goes. */
function measureEvents(guests: number): Events {
  console.error(`events with ${guests} guests`);
  populate(lab, guests);
  const one = guests;
  lab.host.write('/etc/guestgate/guests.d/probe.toml', policyToml(one, 'probe'));
  lab.host.sh('touch -d "1 hour ago" /etc/guestgate/guests.d; sleep 2.1');
  lab.guestgate('replay');
  const reload = guests === 0 ? {} : measureReplay(guests);
  const input = domainXml(one, 'probe');
  const other = domainXml(one + 1, 'stranger');
  const call = (name: string, operation: string) => [
    hook,
    name,
    operation,
    operation === 'stopped' ? 'end' : 'begin',
    '-',
  ];
  lab.host.run(hook, call('probe', 'started').slice(1), { input });
  lab.host.run(hook, call('probe', 'stopped').slice(1), { input });
  lab.host.write('/tmp/prepared.nft', prepared(one));
  lab.host.write('/tmp/unprepared.nft', unprepared(one));
  const floor = (file: string) => ['sh', '-c', `cat >/dev/null; nft -f /tmp/${file}`];
  const times = measure({
    floor: { argv: floor('prepared.nft'), input },
    'floor of stopped': { argv: floor('unprepared.nft'), input },
    'empty program': { argv: ['empty'], input },
    started: { argv: call('probe', 'started'), input },
    reconnect: { argv: call('probe', 'reconnect'), input },
    stopped: { argv: call('probe', 'stopped'), input },
    release: { argv: [hook, 'probe', 'release', 'end', '-'], input },
    'unknown guest': { argv: call('stranger', 'started'), input: other },
    prepare: { argv: call('probe', 'prepare'), input },
    migrate: { argv: call('probe', 'migrate'), input },
  });
  return { guests, times, ...reload };
}

/** The transaction alone, as a shell that has it ready would run it. */
function prepared(number: number): string {
  const entries = portsOf(number).map((port) => `${publicAddress} . udp . ${port} : 10.64.0.2 . 80`);
  return `add element ip guestgate forward { ${entries.join(', ')} }\n`;
}

function unprepared(number: number): string {
  const entries = portsOf(number).map((port) => `${publicAddress} . udp . ${port}`);
  return `delete element ip guestgate forward { ${entries.join(', ')} }\n`;
}

function measureReplay(guests: number): { replay: Spread; load: Spread } {
  const clear = 'add table ip guestgate\ndelete table ip guestgate\n';
  lab.host.sh('nft -s list table ip guestgate >/tmp/all.nft');
  lab.host.sh(`{ printf '${clear.replaceAll('\n', '\\n')}'; cat /tmp/all.nft; } >/tmp/reload.nft`);
  const times = measure(
    { load: { argv: ['nft', '-f', '/tmp/reload.nft'] }, replay: { argv: ['guestgate', 'replay'] } },
    guests > 500 ? 5 : 11,
  );
  return { replay: times['replay'] as Spread, load: times['load'] as Spread };
}

/** The way it is done by hand, a process for each rule: on an empty host, and beside so many guests done likewise. */
function measureToday(): Today[] {
  const script = `${folder}process-a-rule.sh`;
  const words = (action: string, guest: number) => [
    'sh',
    script,
    action,
    `g${guest}`,
    '10.64.0.2',
    ...(action === 'start' ? portsOf(guest).map(String) : []),
  ];
  const found: Today[] = [];
  let loaded = 0;
  for (const guests of quick ? [0, 20] : [0, 100]) {
    console.error(`a process for each rule, beside ${guests} guests`);
    for (; loaded < guests; loaded++)
      lab.host.run('sh', words('start', loaded + 1).slice(1), { timeout: 60_000 });
    lab.host.run('sh', words('start', 0).slice(1));
    const times = measure({ start: { argv: words('start', 0), before: [words('stop', 0)] } }, 5);
    lab.host.run('sh', words('stop', 0).slice(1));
    found.push({ guests, start: times['start'] as Spread });
  }
  for (; loaded > 0; loaded--) lab.host.run('sh', words('stop', loaded).slice(1), { timeout: 60_000 });
  return found;
}

/** The largest resident size of a `started`, in MiB. */
function measureMemory(): number {
  const input = domainXml(0, 'probe');
  const { stderr } = lab.host.run('time', ['-f', '%M', hook, 'probe', 'reconnect', 'begin', '-'], {
    input,
    mayFail: true,
  });
  return Number(stderr.trim().split('\n').at(-1)) / 1024;
}

function render(events: Events[], today: Today[], storm: Boot, connects: Latency[], memory: number): string {
  const names = Object.keys(events[0]?.times ?? {});
  const against: Record<string, string> = {
    started: 'floor',
    reconnect: 'floor',
    stopped: 'floor of stopped',
  };
  const head = `| milliseconds: median (quartiles) | ${events.map(({ guests }) => `${guests} guests x ${forwardsEach}`).join(' | ')} |`;
  const line = (name: string, cell: (one: Events) => string) =>
    `| ${name} | ${events.map(cell).join(' | ')} |`;
  const rows = names.map((name) =>
    line(name, ({ times }) => {
      const base = times[against[name] ?? 'empty program'] as Spread;
      const own = times[name] as Spread;
      return `${format(own)} = ${ratio(own, base).toFixed(2)}x ${against[name] ?? 'empty'}`;
    }),
  );
  const [first] = events;
  const started = first?.times['started'] as Spread;
  return [
    head,
    `|---|${events.map(() => '---|').join('')}`,
    ...rows,
    line('replay / nft -f of the same', ({ replay, load }) =>
      replay && load ? `${format(replay)} / ${format(load)} = ${ratio(replay, load).toFixed(2)}x` : '',
    ),
    line(
      'started, against 0 guests',
      ({ times }) => `${ratio(times['started'] as Spread, started).toFixed(2)}x`,
    ),
    '',
    ...today.map(
      ({ guests, start }) =>
        `A process for each rule, as hand-written hooks do, beside ${guests} guests done likewise: ${format(start)} ms = ${ratio(start, started).toFixed(1)}x started.`,
    ),
    `${storm.guests} \`started\` together, a replay among them: ${storm.started.toFixed(0)} ms; ${storm.guests} \`stopped\`: ${storm.stopped.toFixed(0)} ms; ${storm.guests} floors together: ${storm.floors.toFixed(0)} ms; ${storm.reconnect.guests} \`reconnect\`: ${storm.reconnect.milliseconds.toFixed(0)} ms.`,
    `Memory of \`started\`: ${memory.toFixed(0)} MiB.`,
    '',
    '| TCP connect, milliseconds (connections a second) | guestgate, first | guestgate, last | one iptables rule each, first | last |',
    '|---|---|---|---|---|',
    ...connects.map(
      ({ forwards, ours, iptables }) =>
        `| ${forwards} forwards | ${[ours.first, ours.last, iptables.first, iptables.last].map(({ latency, perSecond }) => `${format(latency, 2)}, ${Math.round(perSecond)}/s`).join(' | ')} |`,
    ),
  ].join('\n');
}
