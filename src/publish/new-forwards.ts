import type { Forward } from '../model/policy.ts';
import { formatPorts } from '../model/port.ts';
import { formatUnplaced } from '../model/problem.ts';
import { describeForward } from '../policy/forward-list.ts';
import { parseGuestTable } from '../policy/guest-table.ts';
import type { ForwardEntry, ForwardTable } from './toml-text.ts';

/** Sources, limits and interface of a forward: keys of its table, with their values as in a file. */
export interface ForwardTerms {
  readonly from?: readonly string[];
  readonly rate?: string;
  readonly connections?: number;
  readonly loopback?: boolean;
  readonly masquerade?: boolean;
  readonly uplink?: string;
  readonly network?: string;
  readonly mac?: string;
  readonly nic?: number;
}

/** A forward of the command line. */
export interface NewForward {
  readonly forward: Forward;
  readonly terms: ForwardTerms;
}

/**
 * Parses the forwards of the command line.
 *
 * @param texts each in docker's syntax
 * @param terms of all of them
 */
export function parseNewForwards(
  texts: readonly string[],
  terms: ForwardTerms = {},
): { forwards: NewForward[]; problems: string[] } {
  const problems: string[] = [];
  const parse = (forward: unknown) => {
    const found = parseGuestTable({ forward: [forward] }, { file: '', path: [] });
    problems.push(...found.problems.map(formatUnplaced));
    return found.policy.forwards ?? [];
  };
  // The terms mean the same for each forward: they are parsed once, in a forward of port 1.
  const [like] = Object.keys(terms).length === 0 ? [] : parse({ port: '1', ...terms });
  const forwards = texts.flatMap((text) => {
    const parsed = parse(text);
    if (like?.uplink !== undefined && parsed.some(({ host }) => host !== 'any'))
      problems.push(`${text}: an address of the host and --uplink cannot be used together`);
    return parsed.map((forward) => ({
      forward: {
        ...like,
        ...forward,
        // Each protocol of `53/tcp+udp` becomes an entry, which can be removed without the other.
        ...(parsed.length > 1 && { text: describeForward(forward) }),
      },
      terms,
    }));
  });
  return { forwards, problems: [...new Set(problems)] };
}

/** The forward as an entry of a list: a text if it has no terms. */
export function entryOf({ forward, terms }: NewForward): ForwardEntry {
  return Object.keys(terms).length === 0 ? forward.text.trim() : tableOf({ forward, terms });
}

/** The forward as a table, without keys that have their default value. */
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

/** The same text for forwards with the same ports, addresses and terms, however they are written. */
export function meaningOf(forward: Forward): string {
  const { from, rate, connections, loopback, masquerade, interfaceChoice } = forward;
  const terms = [from, rate, connections, loopback, masquerade, interfaceChoice];
  return JSON.stringify([describeForward(forward), ...terms]);
}
