import { chainsAt, type Hook, type HookedChain, type Rules } from './hooked-chains.ts';
import type { Host, NoRoute, Route } from './host-facts.ts';
import { type Packet, socket } from './packet.ts';
import { describeRoute, resultOf } from './trace-words.ts';
import type { ChainDecision, HookStep, Obstacle, Trace } from './traced.ts';
import { type RuleHit, walk } from './walk.ts';

const loopback = 'lo';

/** The priority of connection tracking, at the hooks where packets arrive (linux/netfilter_ipv4.h). */
const connectionTracking = -200;

/** Leads one packet, which it changes, through the hooks of a host. */
export class Tracer {
  private readonly packet: Packet;
  private readonly rules: Rules;
  private readonly host: Host;
  /** Whether it continues beyond an obstacle, as if that were none. */
  private readonly beyond: boolean;
  private readonly stations: HookStep[] = [];
  private readonly doubts: RuleHit[] = [];
  private readonly obstacles: Obstacle[] = [];
  private translatedBy: ChainDecision | undefined;
  private untrackedBy: ChainDecision | undefined;
  private settled = false;

  constructor(packet: Packet, rules: Rules, host: Host, beyond = false) {
    this.packet = packet;
    this.rules = rules;
    this.host = host;
    this.beyond = beyond;
  }

  go(): Trace {
    const own = this.packet.input === undefined;
    if (own) this.packet.output = outputOf(this.host.route(this.packet));
    const stopped = this.pass(own ? 'output' : 'prerouting');
    if (stopped !== undefined) return stopped;
    const route = this.host.route(this.packet);
    this.packet.output = own || route.kind !== 'local' ? outputOf(route) : undefined;
    const { destination, port } = this.packet;
    this.note('routing', `${socket(destination, port)}: ${describeRoute(route)}`);
    if (route.kind === 'none') {
      this.meet(route.why);
      if (!this.beyond || this.packet.output === undefined)
        return this.end(route.why === 'no-route' ? 'unroutable' : 'dropped', 'routing', describeRoute(route));
    }
    if (route.kind === 'local')
      return (own ? this.throughLoopback() : this.pass('input')) ?? this.end('host');
    return (own ? undefined : this.pass('forward')) ?? this.pass('postrouting') ?? this.end('passed');
  }

  /** A packet of the host to itself leaves, and arrives again; only on its way out is it translated. */
  private throughLoopback(): Trace | undefined {
    const left = this.pass('postrouting');
    if (left !== undefined) return left;
    this.packet.input = loopback;
    this.packet.output = undefined;
    this.settled = true;
    return this.pass('prerouting') ?? this.pass('input');
  }

  /** @returns the end of the trace, if it ends here */
  private pass(hook: Hook): Trace | undefined {
    for (const chain of chainsAt(hook, this.rules)) {
      const before =
        hook === 'prerouting' || hook === 'output' ? 'destinationTranslated' : 'sourceTranslated';
      // Translation happens once in each direction, and only to what connection tracking follows.
      if (hook !== 'prerouting' && hook !== 'output') this.follow();
      else if (chain.type === 'nat' || chain.priority > connectionTracking) this.follow();
      const done = this.settled || this.packet[before] || !this.packet.tracked;
      if (chain.type === 'nat' && done) continue;
      const ended = this.ask(hook, chain);
      if (ended !== undefined) return ended;
    }
    return undefined;
  }

  private ask(hook: Hook, chain: HookedChain): Trace | undefined {
    const wasTranslated = this.packet.destinationTranslated;
    const walked = walk(chain, this.packet, this.rules, this.host);
    const { name, priority, words } = chain;
    const decision = { hook, chain: name, words, priority };
    const { stops, untracked } = walked;
    this.doubts.push(...walked.doubts.map((doubt) => ({ ...doubt, chain: `${name}: ${doubt.chain}` })));
    this.stations.push({ hook, chain: name, priority, stops, result: resultOf(walked) });
    const last = stops.at(-1);
    const hit = walked.by === undefined || last === undefined ? {} : { hit: last };
    if (untracked !== undefined) this.untrackedBy = { ...decision, hit: untracked };
    if (!wasTranslated && this.packet.destinationTranslated) this.translatedBy = { ...decision, ...hit };
    if (walked.verdict !== 'drop' && walked.verdict !== 'reject') return undefined;
    const verdict = walked.verdict === 'drop' ? 'dropped' : 'rejected';
    this.obstacles.push({ kind: 'chain', verdict, ...decision, ...hit });
    return this.beyond ? undefined : this.end(verdict, name, walked.by ?? 'its policy');
  }

  private meet(why: NoRoute): void {
    const { destination, input } = this.packet;
    this.obstacles.push({ kind: 'routing', why, to: destination, ...(input !== undefined && { input }) });
  }

  private follow(): void {
    this.packet.followed = this.packet.tracked;
  }

  private note(chain: 'routing', result: string): void {
    this.stations.push({ hook: 'routing', chain, stops: [], result });
  }

  private end(verdict: Trace['verdict'], at?: string, by?: string): Trace {
    const { destination, port, output } = this.packet;
    return {
      stations: this.stations,
      verdict,
      destination,
      port,
      to: socket(destination, port),
      ...(output !== undefined && { output }),
      ...(at !== undefined && { at }),
      ...(by !== undefined && { by }),
      doubts: this.doubts,
      obstacles: this.obstacles,
      ...(this.translatedBy !== undefined && { translatedBy: this.translatedBy }),
      ...(this.untrackedBy !== undefined && { untrackedBy: this.untrackedBy }),
    };
  }
}

function outputOf(route: Route): string | undefined {
  if (route.kind === 'local') return loopback;
  return route.kind === 'out' ? route.interface : route.otherwise;
}
