import { cellsOf } from '../explain/cells.ts';
import { packetOf } from '../explain/explain.ts';
import { isOurChain, withoutOurs } from '../explain/our-chains.ts';
import { traceBeyond } from '../explain/trace.ts';
import type { Trace } from '../explain/traced.ts';
import type { Family } from '../model/address.ts';
import { type Origin, originsOf } from './origins.ts';
import type { Surveyed } from './survey.ts';
import type { Target } from './targets.ts';

/** Connections that meet the same rules, and the trace of one of them. */
export interface Tried {
  readonly targets: readonly Target[];
  readonly origin: Origin;
  readonly trace: Trace;
  /** The same without guestgate's rules. */
  readonly bare: Trace;
}

export interface Attempt {
  readonly tried: readonly Tried[];
  /** How many groups of connections were left out. */
  readonly leftOut: number;
}

/** How many groups of connections are traced: with more, rules name nearly every guest, and the first ones show the kind of them. */
const most = 2000;

/** Traces a connection to each target from each side. Those that meet the same rules are traced once. */
export function tryForwards(targets: readonly Target[], surveyed: ReadonlyMap<Family, Surveyed>): Attempt {
  const all = [...surveyed.values()];
  const cells = cellsOf(
    all.map(({ rules }) => rules),
    isOurChain,
    all.flatMap(({ networks }) => networks),
  );
  const groups = new Map<string, { origin: Origin; targets: Target[] }>();
  for (const target of targets) {
    const own = surveyed.get(target.family);
    if (own === undefined) continue;
    const goal = [target.protocol, target.isOpen, cells.ofPort(target.port), cells.ofPort(target.to)];
    const address = cells.ofAddress(target.address);
    for (const origin of originsOf(target, own.sides)) {
      const { kind, source, input, destination } = origin;
      const type = own.host.addressType(destination);
      const ends = [cells.ofAddress(source), cells.ofAddress(destination), type, address];
      const key = [kind, input, ...ends, ...goal].join(' ');
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { origin, targets: [target] });
      else group.targets.push(target);
    }
  }
  const bare = new Map([...surveyed].map(([family, { rules }]) => [family, withoutOurs(rules)]));
  const tried = [...groups.values()].slice(0, most).flatMap(({ origin, targets: members }): Tried[] => {
    const [target] = members;
    const known = target && surveyed.get(target.family);
    const others = target && bare.get(target.family);
    if (target === undefined || known === undefined || others === undefined) return [];
    const { port, protocol } = target;
    const packet = packetOf({ address: origin.destination, port, protocol }, origin.source, origin.input);
    return [
      {
        origin,
        targets: members,
        trace: traceBeyond(packet, known.rules, known.host),
        bare: traceBeyond(packet, others, known.host),
      },
    ];
  });
  return { tried, leftOut: Math.max(0, groups.size - most) };
}
