import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Lab, type LabGuest, publicAddress } from '../support/lab.ts';
import type { LabBackend } from '../support/lab-program.ts';
import { measured } from './measured.ts';
import { domainXml, forwardsEach, policyToml, populate, portsOf } from './population.ts';
import { format, ratio, type Spread, spread } from './statistics.ts';

/*
 * The same events with rules of iptables, beside a shell that gives iptables-restore the rules of one guest. By itself:
 * `node install/bun.mjs test/bench/iptables.ts [--quick]`.
 */

export interface IptablesEvents {
  readonly backend: LabBackend;
  readonly guests: number;
  readonly times: Record<string, Spread>;
  readonly replay: Spread;
  /** A TCP connect through the last guest's last forward. */
  readonly connect: Spread;
}

const hook = '/etc/libvirt/hooks/qemu';
const folder = fileURLToPath(new URL('.', import.meta.url));

/** Each back end with so many guests loaded; one more comes and goes. */
export async function iptablesEvents(counts: readonly number[], rounds: number): Promise<IptablesEvents[]> {
  const found: IptablesEvents[] = [];
  for (const backend of ['iptables-nft', 'iptables-legacy'] as const) {
    const lab = await Lab.create({ backend });
    const server = lab.addGuest('server', { serve: false });
    const listener = lab.host.start('node', [`${folder}accept.mjs`], { in: 'guest1' });
    if (listener.stdout !== null) await once(listener.stdout, 'data');
    try {
      for (const guests of counts) {
        console.error(`events of ${backend} with ${guests} guests`);
        found.push(measureEvents(lab, server, backend, guests, rounds));
      }
    } finally {
      await lab.destroy();
    }
  }
  return found;
}

function measureEvents(
  lab: Lab,
  server: LabGuest,
  backend: LabBackend,
  guests: number,
  rounds: number,
): IptablesEvents {
  lab.configure('');
  populate(lab, guests);
  lab.host.write('/etc/guestgate/guests.d/probe.toml', policyToml(guests, 'probe'));
  lab.host.sh('touch -d "1 hour ago" /etc/guestgate/guests.d; sleep 2.1');
  lab.guestgate('replay');
  const input = domainXml(guests, 'probe');
  const call = (operation: string) => [
    hook,
    'probe',
    operation,
    operation === 'stopped' ? 'end' : 'begin',
    '-',
  ];
  lab.host.run(hook, call('started').slice(1), { input });
  lab.host.run(hook, call('stopped').slice(1), { input });
  lab.host.write('/tmp/prepared', prepared(guests, true));
  lab.host.write('/tmp/unprepared', prepared(guests, false));
  const floor = (file: string) => [
    'sh',
    '-c',
    `cat >/dev/null; iptables-restore --noflush -w 3 </tmp/${file}`,
  ];
  const times = measured(
    lab,
    {
      floor: { argv: floor('prepared'), input },
      'floor of stopped': { argv: floor('unprepared'), input },
      started: { argv: call('started'), input },
      reconnect: { argv: call('reconnect'), input },
      stopped: { argv: call('stopped'), input },
    },
    rounds,
  );
  const replay = measured(lab, { replay: { argv: ['guestgate', 'replay'] } }, 3)['replay'] as Spread;
  return { backend, guests, times, replay, connect: connectThrough(lab, server) };
}

/** The rules of one guest alone, as a shell that has them ready would load them. */
function prepared(number: number, there: boolean): string {
  const ports = portsOf(number);
  const section = (table: string, base: string, rules: readonly string[]) =>
    there
      ? `*${table}\n:FLOOR - [0:0]\n${rules.map((rule) => `-A FLOOR ${rule}\n`).join('')}-I ${base} -j FLOOR\nCOMMIT\n`
      : `*${table}\n-D ${base} -j FLOOR\n-F FLOOR\n-X FLOOR\nCOMMIT\n`;
  const accepts = ports.map(
    (port) => `-d 10.64.0.2 -p tcp --dport 80 -m conntrack --ctorigdstport ${port} -j ACCEPT`,
  );
  const translations = ports.map(
    (port) => `-d ${publicAddress} -p tcp --dport ${port} -j DNAT --to-destination 10.64.0.2:80`,
  );
  return section('filter', 'FORWARD', accepts) + section('nat', 'PREROUTING', translations);
}

/** How long a TCP connect takes to a guest that started after all the others. */
function connectThrough(lab: Lab, server: LabGuest): Spread {
  lab.host.write(
    '/etc/guestgate/guests.d/server.toml',
    `[guest.server]\naddress = "${server.address}"\nforward = ["${publicAddress}:9999:80"]\n`,
  );
  lab.host.run(hook, ['server', 'started', 'begin', '-'], { input: lab.xml(server, 'started') });
  const { stdout } = lab.host.run('node', [`${folder}connect.mjs`, publicAddress, '9999', '500'], {
    in: 'client',
    timeout: 60_000,
  });
  lab.host.run(hook, ['server', 'stopped', 'end', '-'], { input: lab.xml(server, 'stopped') });
  return spread((JSON.parse(stdout) as { times: number[] }).times.slice(50));
}

/** A table of them. */
export function renderIptables(events: readonly IptablesEvents[]): string {
  const rows = events.map(({ backend, guests, times, replay, connect }) => {
    const against = (name: string, floor: string) => {
      const [own, base] = [times[name] as Spread, times[floor] as Spread];
      return `${format(own)} = ${ratio(own, base).toFixed(2)}x`;
    };
    const cells = [
      format(times['floor'] as Spread),
      against('started', 'floor'),
      against('reconnect', 'floor'),
      against('stopped', 'floor of stopped'),
      format(replay, 0),
      format(connect, 2),
    ];
    return `| ${backend}, ${guests} guests x ${forwardsEach} | ${cells.join(' | ')} |`;
  });
  return [
    '| milliseconds: median (quartiles) | floor: iptables-restore | started | reconnect | stopped | replay | TCP connect, last guest |',
    '|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const quick = process.argv.includes('--quick');
  console.log(renderIptables(await iptablesEvents(quick ? [0, 200] : [0, 100, 1000], quick ? 7 : 21)));
}
