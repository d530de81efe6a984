import { describeInterfaceChoice } from '../model/interface-choice.ts';
import type { Forward } from '../model/policy.ts';
import { quoted } from '../model/problem.ts';
import { describeClaim } from '../planner/conflicts.ts';
import { describeForward } from '../policy/forward-list.ts';
import { clash } from './clashing-forwards.ts';
import type { ForwardEdit } from './edit-forwards.ts';
import { type BusyPorts, busyOf, withFreePorts } from './free-ports.ts';
import { type ForwardTerms, meaningOf, type NewForward, parseNewForwards } from './new-forwards.ts';
import { selectForwards } from './select-forwards.ts';

/** A change of a guest's forwards that the administrator requests. */
export type ForwardRequest =
  | {
      readonly kind: 'publish';
      readonly texts: readonly string[];
      readonly terms: ForwardTerms;
      /** What the host has in use, for forwards without a port of the host. */
      readonly busy?: readonly BusyPorts[];
      /** In the XML of the running guest alone: gone when it stops. */
      readonly temporary?: true;
    }
  | { readonly kind: 'unpublish'; readonly texts: readonly string[] | 'all' };

/** A forward of another guest, and the line that defines it. */
export interface TakenForward {
  readonly forward: Forward;
  readonly guest: string;
  readonly where: () => string;
}

/** The edit that a request needs; with a problem, guestgate does nothing. */
export interface Decided {
  readonly edit: ForwardEdit;
  /** What is already as requested. */
  readonly notes: readonly string[];
  readonly problems: readonly string[];
}

/**
 * Decides which forwards of a guest a request adds and removes.
 *
 * @param had the guest's forwards, in their order in the policy
 * @param taken the forwards of other guests
 */
export function decideEdit(
  request: ForwardRequest,
  had: readonly Forward[],
  taken: readonly TakenForward[],
): Decided {
  if (request.kind === 'publish') return decideAddition(request, had, taken);
  if (request.texts === 'all') {
    const notes = had.length === 0 ? ['has no forwards'] : [];
    return { edit: { add: [], remove: [...had.keys()] }, notes, problems: [] };
  }
  const { indexes, problems } = selectForwards(had, request.texts);
  return { edit: { add: [], remove: indexes }, notes: [], problems };
}

function decideAddition(
  { texts, terms, busy = [] }: ForwardRequest & { kind: 'publish' },
  had: readonly Forward[],
  taken: readonly TakenForward[],
): Decided {
  const others = busyOf([...had, ...taken.map(({ forward }) => forward)]);
  const chosen = withFreePorts(texts, [...busy, ...others]);
  const complete = chosen.flatMap((text) => text ?? []);
  const { forwards, problems: wrong } = parseNewForwards(complete, terms);
  const problems = [...wrong];
  if (complete.length < texts.length)
    problems.push('no port of the host from 20000 to 32767 is free: name one');
  const notes = chosen.flatMap((text, index) =>
    text === undefined || text === texts[index] ? [] : [`${texts[index]} becomes ${text}`],
  );
  const add: NewForward[] = [];
  for (const requested of forwards) {
    const { forward } = requested;
    const present = [...had, ...add.map((added) => added.forward)];
    const clashing = present.find((other) => clash(other, forward));
    const foreign = taken.find((other) => clash(other.forward, forward));
    if (present.some((other) => meaningOf(other) === meaningOf(forward)))
      notes.push(`${forward.text} is already published`);
    else if (clashing !== undefined) problems.push(contradiction(forward, clashing));
    else if (foreign !== undefined) {
      const holder = `guest ${quoted(foreign.guest)} has ${foreign.forward.text}`;
      problems.push(`${forward.text}: ${describeClaim(forward)} is taken: ${foreign.where()}: ${holder}`);
    } else add.push(requested);
  }
  return { edit: { add, remove: [] }, notes, problems };
}

function contradiction(forward: Forward, own: Forward): string {
  if (describeForward(forward) === describeForward(own)) {
    return `${forward.text} is already published, for ${termsOf(own)}: unpublish it first`;
  }
  return `${forward.text} contradicts the guest's own ${own.text}: unpublish that first`;
}

function termsOf({ from, rate, connections, interfaceChoice, loopback, masquerade }: Forward): string {
  const limited = rate === undefined && connections === undefined ? '' : ', with limits';
  const on =
    interfaceChoice === undefined ? '' : `, to the interface ${describeInterfaceChoice(interfaceChoice)}`;
  const [local, masqueraded] = [loopback === true, masquerade === true];
  const rest = `${local ? ', at 127.0.0.1 too' : ''}${masqueraded ? ', masqueraded' : ''}`;
  return describeSources(from) + limited + on + rest;
}

function describeSources(from: Forward['from']): string {
  if (from === undefined) return "the guest's allow_from, or all sources";
  return from.length === 0 ? 'no source' : from.join(', ');
}
