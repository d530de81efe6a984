import type { Rules } from './hooked-chains.ts';
import type { Host } from './host-facts.ts';
import type { Packet } from './packet.ts';
import type { Trace } from './traced.ts';
import { Tracer } from './tracer.ts';

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

/**
 * The same, and beyond what ends the packet's way, as if it did not: so that all obstacles of the way are known together. The verdict
 * is that of the last step.
 */
export function traceBeyond(packet: Packet, rules: Rules, host: Host): Trace {
  return new Tracer({ ...packet }, rules, host, true).go();
}

/** The chain of a doubt that concerns no single chain. */
export const ties = 'chains of one priority';
