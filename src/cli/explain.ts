import { Command } from 'commander';
import { type Explained, explain, parseAsked } from '../explain/explain.ts';
import { describePacket } from '../explain/packet.ts';
import type { HookStep, Trace } from '../explain/traced.ts';
import { parseAddress } from '../model/address.ts';
import { exitCodes } from '../model/exit-code.ts';
import { quoted, UserError } from '../model/problem.ts';
import { visibleLine } from '../model/visible-text.ts';
import { isInterface } from '../system/host.ts';
import { print, printJson } from './output.ts';
import { requireRoot } from './require-root.ts';

/** `guestgate explain ADDRESS:PORT[/proto] [--from SOURCE]`: 0 the packet arrives, 1 it does not, or the answer is uncertain. */
export function explainCommand(finish: (exitCode: number) => void): Command {
  return new Command('explain')
    .summary("trace a connection's first packet through this host's rules")
    .description(
      "Trace the first packet of a connection through this host's rules, those of other programs included, chain by " +
        'chain, to the rule that decides. Without a protocol it is tcp; an IPv6 address is written in brackets. ' +
        'explain names the rules that it cannot evaluate; the answer is then uncertain. ' +
        'It assumes that rate and connection limits are not reached. Sends and changes nothing.',
    )
    .argument('<address:port>', 'the destination: 203.0.113.10:8080, [2001:db8::1]:53/udp')
    .option(
      '--from <address>',
      'the source address; by default, an address behind the default route. An address of the host means the host itself',
    )
    .option(
      '--through <interface>',
      'the interface that the packet arrives on; by default, the one that packets to the source leave by',
    )
    .option('--json', 'print as JSON')
    .action((text: string, options: { from?: string; through?: string; json?: boolean }) => {
      const from = options.from === undefined ? undefined : parseAddress(options.from);
      if (options.from !== undefined && from === undefined)
        throw new UserError(`--from: invalid address ${quoted(options.from)}`);
      requireRoot('explain');
      if (options.through !== undefined && !isInterface(options.through))
        throw new UserError(`--through: no interface has the name ${quoted(options.through)} (ip -br link)`);
      const explained = explain(parseAsked(text), from, options.through);
      if (options.json) printJson(explained);
      else print(render(explained));
      const { verdict, doubts } = explained.way;
      const arrives = (verdict === 'passed' || verdict === 'host') && doubts.length === 0;
      finish(arrives ? exitCodes.done : exitCodes.failed);
    });
}

function render({ packet, way, guest, absent, blocked, answers }: Explained): string {
  const { address, port, source, protocol, input } = packet;
  const first = describePacket({ protocol, source, sourcePort: 49_999, destination: address, port });
  const lines = [`${first}, ${input === undefined ? 'from this host' : `arrives on ${input}`}`];
  let hook = '';
  for (const station of way.stations) {
    if (station.hook !== hook && station.hook !== 'routing') lines.push(station.hook);
    hook = station.hook;
    lines.push(...renderStation(station));
  }
  const back = wayBack(answers, input, source);
  return [
    ...lines.map(visibleLine),
    '',
    visibleLine(conclusion(way, guest, absent)),
    ...(blocked ? [blockedSource] : []),
    ...back,
    ...doubtsOf(way),
  ].join('\n');
}

function wayBack(answers: string | undefined, input: string | undefined, source: string): string[] {
  if (answers === undefined) return [];
  return answers === 'none'
    ? [`But the host has no route for the answers to ${source}.`]
    : [
        `But the answers leave through ${answers}, unless another program marks them: a provider may drop what came in through ${input}.`,
      ];
}

function renderStation({ hook, chain, priority, stops, result }: HookStep): string[] {
  if (hook === 'routing') return [`routing: ${result}`];
  return [
    `  ${chain} (${priority}): ${result}`,
    ...stops.map((stop) => `    ${stop.chain}: ${stop.rule}${isSaid(stop) ? '' : `   [${stop.did}]`}`),
  ];
}

/** Whether the text of the rule already ends with its verdict. */
function isSaid({ rule, did }: { rule: string; did: string }): boolean {
  return rule.toLowerCase().endsWith(did.toLowerCase());
}

const blockedSource =
  'That rule names this source: it blocks an address. Other sources are not affected by it.';

function conclusion(
  { verdict, to, output, at, by }: Trace,
  guest: string | undefined,
  absent: string | undefined,
): string {
  const owner = guest === undefined ? '' : ` (guest ${quoted(guest)})`;
  const why = absent === undefined ? '' : ` It is for guest ${quoted(absent)}, which does not run.`;
  switch (verdict) {
    case 'passed':
      return `Forwarded to ${to}${owner}, through ${output}.`;
    case 'host':
      return `Delivered to this host: a program that listens at ${to} gets it.`;
    case 'unroutable':
      return `Dropped: no route to ${to}${owner}.`;
    default:
      return `${verdict === 'dropped' ? 'Dropped' : 'Rejected'} in ${at}${by === undefined ? '' : `, by ${by}`}.${why}`;
  }
}

function doubtsOf({ doubts }: Trace): string[] {
  if (doubts.length === 0) return [];
  return [
    'Uncertain: these rules could not be evaluated:',
    ...doubts.map(({ chain, rule, did }) => visibleLine(`  ${chain}: ${rule}   [${did}]`)),
  ];
}
