import { describeInterfaceChoice } from '../model/interface-choice.ts';
import type { Forward } from '../model/policy.ts';
import { quoted } from '../model/problem.ts';
import { contradict, describeClaim } from '../planner/conflicts.ts';
import { describeForward } from '../policy/forward-list.ts';
import type { ForwardEdit } from './edit-forwards.ts';
import { type ForwardTerms, type NewForward, parseNewForwards } from './new-forwards.ts';
import { selectForwards } from './select-forwards.ts';

/** What somebody asks for a guest. */
export type ForwardRequest =
  | {
      readonly kind: 'publish';
      readonly texts: readonly string[];
      readonly terms: ForwardTerms;
    }
  | { readonly kind: 'unpublish'; readonly texts: readonly string[] | 'all' };

/** A forward that another guest has, and where that is written. */
export interface TakenForward {
  readonly forward: Forward;
  readonly guest: string;
  readonly where: () => string;
}

export interface Decided {
  readonly edit: ForwardEdit;
  /** What is so already. */
  readonly notes: readonly string[];
  readonly problems: readonly string[];
}

/**
 * What a request means for the forwards that a guest has. With a problem in it nothing of it is to be done.
 *
 * @param had in the order in which they are written
 */
export function decideEdit(
  request: ForwardRequest,
  had: readonly Forward[],
  taken: readonly TakenForward[],
): Decided {
  if (request.kind === 'publish') return decideAddition(request, had, taken);
  if (request.texts === 'all') {
    const notes = had.length === 0 ? ['it has no forwards'] : [];
    return { edit: { add: [], remove: [...had.keys()] }, notes, problems: [] };
  }
  const { indexes, problems } = selectForwards(had, request.texts);
  return { edit: { add: [], remove: indexes }, notes: [], problems };
}

function decideAddition(
  { texts, terms }: { readonly texts: readonly string[]; readonly terms: ForwardTerms },
  had: readonly Forward[],
  taken: readonly TakenForward[],
): Decided {
  const { forwards, problems: wrong } = parseNewForwards(texts, terms);
  const problems = [...wrong];
  const notes: string[] = [];
  const add: NewForward[] = [];
  for (const one of forwards) {
    const { forward } = one;
    const same = [...had, ...add.map(({ forward: other }) => other)].find((other) => says(other, forward));
    if (same !== undefined) {
      notes.push(`${forward.text} is published already`);
      continue;
    }
    const own = [...had, ...add.map(({ forward: other }) => other)].find((other) => clash(other, forward));
    const foreign = taken.find((other) => clash(other.forward, forward));
    if (own !== undefined) problems.push(contradiction(forward, own));
    else if (foreign !== undefined) {
      const whose = `guest ${quoted(foreign.guest)} has ${foreign.forward.text}`;
      problems.push(
        `${forward.text}: ${describeClaim(claim(forward))} is taken: ${foreign.where()}: ${whose}`,
      );
    } else add.push(one);
  }
  return { edit: { add, remove: [] }, notes, problems };
}

/** Whether two forwards say the same, for the same sources, within the same limits, of the same interface. */
function says(a: Forward, b: Forward): boolean {
  const terms = ({ from, rate, connections, loopback, interfaceChoice }: Forward) =>
    JSON.stringify([from, rate, connections, loopback, interfaceChoice]);
  return describeForward(a) === describeForward(b) && terms(a) === terms(b);
}

function clash(a: Forward, b: Forward): boolean {
  return contradict(claim(a), claim(b));
}

function claim({ host, protocol, ports }: Forward) {
  return { host, protocol, ports };
}

function contradiction(forward: Forward, own: Forward): string {
  if (describeForward(forward) === describeForward(own)) {
    return `${forward.text} is published already, for ${termsOf(own)}: unpublish it first`;
  }
  return `${forward.text} contradicts the guest's own ${own.text}: unpublish that first`;
}

function termsOf({ from, rate, connections, interfaceChoice, loopback }: Forward): string {
  const limited = rate === undefined && connections === undefined ? '' : ', with limits';
  const on =
    interfaceChoice === undefined ? '' : `, to the interface ${describeInterfaceChoice(interfaceChoice)}`;
  return whom(from) + limited + on + (loopback === true ? ', at 127.0.0.1 too' : '');
}

function whom(from: Forward['from']): string {
  if (from === undefined) return "the guest's allow_from, or everybody";
  return from.length === 0 ? 'nobody' : from.join(', ');
}
