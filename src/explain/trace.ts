import type { Address } from '../model/address.ts';
import { chainsAt, type Hook, type Rules } from './hooked-chains.ts';
import type { Host, Route } from './host-facts.ts';
import type { Packet } from './packet.ts';
import { socket } from './packet.ts';
import { describeRoute, resultOf } from './trace-words.ts';
import { type RuleHit, walk } from './walk.ts';

/** A chain that was asked, or a decision of the kernel's own. */
export interface HookStep {
  readonly hook: Hook | 'routing';
  readonly chain: string;
  readonly priority?: number;
  readonly stops: readonly RuleHit[];
  /** Its result, in words. */
  readonly result: string;
}

export interface Trace {
  readonly stations: readonly HookStep[];
  /** `passed`: it goes out to `to`; `host`: a program of the host's gets it. */
  readonly verdict: 'passed' | 'host' | 'dropped' | 'rejected' | 'unroutable';
  /** Where it ends up: the address, and with the port. */
  readonly destination: Address;
  readonly to: string;
  readonly output?: string;
  /** Where the verdict fell, and the rule that gave it. */
  readonly at?: string;
  readonly by?: string;
  /** Rules that may have matched: with any of them the verdict may be another. */
  readonly doubts: readonly RuleHit[];
}

/**
 * Traces a connection's first packet through a host, hook by hook. If the result depends on which of two chains with one
 * priority comes first, which the kernel does not show, the trace says that it is uncertain.
 */
export function traceOf(packet: Packet, rules: Rules, host: Host): Trace {
  const way = new Tracer({ ...packet }, rules, host).go();
  const other = new Tracer({ ...packet }, { ...rules, ties: 'older' }, host).go();
  if (other.verdict === way.verdict && other.to === way.to) return way;
  const at = way.at === undefined ? '' : `, in ${way.at}`;
  const rule = `${way.verdict}${at}, or ${other.verdict}${other.at === undefined ? '' : `, in ${other.at}`}`;
  return {
    ...way,
    doubts: [
      ...way.doubts,
      { chain: ties, rule, did: 'the result depends on which chain was registered first' },
    ],
  };
}

/** The chain of a doubt that concerns no single chain. */
export const ties = 'chains of one priority';

const loopback = 'lo';

/** The priority of connection tracking, at the hooks where packets arrive (linux/netfilter_ipv4.h). */
const connectionTracking = -200;

class Tracer {
  private readonly packet: Packet;
  private readonly rules: Rules;
  private readonly host: Host;
  private readonly stations: HookStep[] = [];
  private readonly doubts: RuleHit[] = [];
  private settled = false;

  constructor(packet: Packet, rules: Rules, host: Host) {
    this.packet = packet;
    this.rules = rules;
    this.host = host;
  }

  go(): Trace {
    const own = this.packet.input === undefined;
    if (own) this.packet.output = outputOf(this.host.route(this.packet));
    const stopped = this.pass(own ? 'output' : 'prerouting');
    if (stopped !== undefined) return stopped;
    const route = this.host.route(this.packet);
    this.packet.output = own || route.kind === 'out' ? outputOf(route) : undefined;
    const { destination, port } = this.packet;
    this.note('routing', `${socket(destination, port)}: ${describeRoute(route)}`);
    if (route.kind === 'none') return this.end('unroutable', 'routing');
    if (route.kind === 'local')
      return (own ? this.throughLoopback() : this.pass('input')) ?? this.end('host');
    if (!own && !this.host.forwards) {
      this.note('routing', 'dropped: forwarding is off in the kernel');
      return this.end('dropped', 'routing');
    }
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
      const walked = walk(chain, this.packet, this.rules, this.host);
      this.doubts.push(
        ...walked.doubts.map((doubt) => ({ ...doubt, chain: `${chain.name}: ${doubt.chain}` })),
      );
      const { priority } = chain;
      this.stations.push({
        hook,
        chain: chain.name,
        priority,
        stops: walked.stops,
        result: resultOf(walked),
      });
      if (walked.verdict === 'drop' || walked.verdict === 'reject')
        return this.end(
          walked.verdict === 'drop' ? 'dropped' : 'rejected',
          chain.name,
          walked.by ?? 'its policy',
        );
    }
    return undefined;
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
      to: socket(destination, port),
      ...(output !== undefined && { output }),
      ...(at !== undefined && { at }),
      ...(by !== undefined && { by }),
      doubts: this.doubts,
    };
  }
}

function outputOf(route: Route): string | undefined {
  if (route.kind === 'local') return loopback;
  return route.kind === 'out' ? route.interface : undefined;
}
