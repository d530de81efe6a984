import type { Forward } from '../model/policy.ts';
import { formatPorts } from '../model/port.ts';
import { formatProblem } from '../model/problem.ts';
import { describeForward } from '../policy/forward-list.ts';
import { parseGuestTable } from '../policy/guest-table.ts';
import type { ForwardEntry, ForwardTable } from './toml-text.ts';

/** For whom a forward is, how much it may be used, and which interface it leads to: keys of its table, as they are written. */
export interface ForwardTerms {
  readonly from?: readonly string[];
  readonly rate?: string;
  readonly connections?: number;
  readonly loopback?: boolean;
  readonly network?: string;
  readonly mac?: string;
  readonly nic?: number;
}

/** A forward that somebody asks for on the command line. */
export interface NewForward {
  readonly forward: Forward;
  readonly terms: ForwardTerms;
}

/**
 * @param texts each in docker's syntax
 * @param terms what is to hold for all of them
 */
export function parseNewForwards(
  texts: readonly string[],
  terms: ForwardTerms = {},
): { forwards: NewForward[]; problems: string[] } {
  const problems: string[] = [];
  const parse = (forward: unknown) => {
    const found = parseGuestTable({ forward: [forward] }, { file: '', path: [] });
    problems.push(...found.problems.map((one) => formatProblem(one).replace(/^: (forward: )?/, '')));
    return found.policy.forwards ?? [];
  };
  // What the terms say of a forward is the same for each.
  const [like] = Object.keys(terms).length === 0 ? [] : parse({ port: '1', ...terms });
  const { from, rate, connections, loopback, interfaceChoice } = like ?? {};
  const said = withoutUndefined({ from, rate, connections, loopback, interfaceChoice });
  const forwards = texts.flatMap((text) => {
    const parsed = parse(text);
    return parsed.map((forward) => ({
      forward: {
        ...forward,
        // Several protocols at once become an entry each: so one of them can be taken back.
        ...(parsed.length > 1 && { text: describeForward(forward) }),
        ...said,
      },
      terms,
    }));
  });
  return { forwards, problems: [...new Set(problems)] };
}

/** The forward as an entry of a list: a text where that says all. */
export function entryOf({ forward, terms }: NewForward): ForwardEntry {
  return Object.keys(terms).length === 0 ? forward.text.trim() : tableOf({ forward, terms });
}

/** The same as a table, without what goes without saying. */
export function tableOf({ forward, terms }: NewForward): ForwardTable {
  const { host, ports, to, protocol } = forward;
  const last = to + ports.last - ports.first;
  return {
    ...(host !== 'any' && { host }),
    port: formatPorts(ports),
    ...(to !== ports.first && { to: formatPorts({ first: to, last }) }),
    ...(protocol !== 'tcp' && { protocol }),
    ...terms,
  };
}

function withoutUndefined<T extends object>(table: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(table).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}
