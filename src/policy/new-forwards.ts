import type { Forward } from '../model/policy.ts';
import { formatPorts } from '../model/port.ts';
import { formatProblem } from '../model/problem.ts';
import { describeForward } from './forward-list.ts';
import { parseGuestTable } from './guest-table.ts';
import type { ForwardEntry, ForwardTable } from './toml-text.ts';

/** A forward that somebody asks for on the command line. */
export interface NewForward {
  readonly forward: Forward;
  /** Who may use it, as it was written. */
  readonly from: readonly string[] | undefined;
}

/**
 * @param texts each in docker's syntax
 * @param from networks and addresses; undefined: whoever may use the guest's other forwards
 */
export function parseNewForwards(
  texts: readonly string[],
  from: readonly string[] | undefined,
): { forwards: NewForward[]; problems: string[] } {
  const problems: string[] = [];
  const parse = (table: Record<string, unknown>) => {
    const found = parseGuestTable(table, { file: '', path: [] });
    problems.push(...found.problems.map((one) => formatProblem(one).replace(/^: (forward: |from: )?/, '')));
    return found.policy;
  };
  const networks = from === undefined ? undefined : parse({ allow_from: from }).allowFrom;
  const forwards = texts.flatMap((text) => {
    const parsed = parse({ forward: [text] }).forwards ?? [];
    return parsed.map((forward) => ({
      forward: {
        ...forward,
        // Several protocols at once become an entry each: so one of them can be taken back.
        ...(parsed.length > 1 && { text: describeForward(forward) }),
        ...(networks !== undefined && { from: networks }),
      },
      from,
    }));
  });
  return { forwards, problems };
}

/** The forward as an entry of a list: a text where that says all. */
export function entryOf({ forward, from }: NewForward): ForwardEntry {
  return from === undefined ? forward.text.trim() : tableOf({ forward, from });
}

/** The same as a table, without what goes without saying. */
export function tableOf({ forward, from }: NewForward): ForwardTable {
  const { host, ports, to, protocol } = forward;
  const last = to + ports.last - ports.first;
  return {
    ...(host !== 'any' && { host }),
    port: formatPorts(ports),
    ...(to !== ports.first && { to: formatPorts({ first: to, last }) }),
    ...(protocol !== 'tcp' && { protocol }),
    ...(from !== undefined && { from }),
  };
}
