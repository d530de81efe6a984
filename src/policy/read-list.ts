import type { Network } from '../model/address.ts';
import type { InterfaceChoice } from '../model/interface-choice.ts';
import type { Forward, Limits } from '../model/policy.ts';
import type { Problem } from '../model/problem.ts';
import { isSyntaxProblem } from './forward-syntax.ts';
import type { SyntaxProblem } from './unicast.ts';
import { isTable, type Place, problemAt } from './validate.ts';

/** How the entries of a list are read: each may become several values, one for each protocol. */
export interface EntryReader<Parsed> {
  readonly parse: (text: string) => readonly Parsed[] | SyntaxProblem;
  /** @returns undefined if the table lacks its port */
  readonly read: (table: Readonly<Record<string, unknown>>, place: Place) => Read<Parsed> | undefined;
  readonly describe: (parsed: Parsed) => string;
}

interface Read<Parsed> {
  readonly parsed: readonly Parsed[] | SyntaxProblem;
  readonly from: readonly Network[] | undefined;
  readonly interfaceChoice?: InterfaceChoice | undefined;
  readonly limits: Limits & Pick<Forward, 'loopback' | 'masquerade' | 'uplink'>;
}

type Listed<Parsed> = Parsed &
  Read<Parsed>['limits'] & {
    readonly from?: readonly Network[];
    readonly interfaceChoice?: InterfaceChoice;
    readonly text: string;
  };

/**
 * A key whose value is a text, or a list of texts and tables. Each entry is read on its own, so that a problem
 * names it exactly.
 *
 * @param example what an entry may be, for the message
 */
export function readList<Parsed extends object>(
  value: string | readonly unknown[] | undefined,
  key: string,
  example: string,
  place: Place,
  problems: Problem[],
  reader: EntryReader<Parsed>,
): Listed<Parsed>[] | undefined {
  if (value === undefined) return undefined;
  return [value].flat().flatMap((entry, index) => {
    const at = { file: place.file, path: [...place.path, key, index] };
    const found: Read<Parsed> | undefined | false = isTable(entry)
      ? reader.read(entry, at)
      : typeof entry === 'string' && { parsed: reader.parse(entry), from: undefined, limits: {} };
    if (found === false) problems.push(problemAt(at, [], `must be ${example}`));
    if (found === undefined && isTable(entry) && !Object.hasOwn(entry, 'port'))
      problems.push(problemAt(at, [], 'port is missing', `write ${example}`));
    if (!found) return [];
    const { parsed, from, interfaceChoice, limits } = found;
    if (isSyntaxProblem(parsed)) {
      problems.push({ ...problemAt(at, [], parsed.problem, parsed.hint), key });
      return [];
    }
    const text = typeof entry === 'string' ? entry : undefined;
    return parsed.map((one) => ({
      ...one,
      ...(from !== undefined && { from }),
      ...limits,
      ...(interfaceChoice !== undefined && { interfaceChoice }),
      text: text ?? reader.describe({ ...one, ...limits }),
    }));
  });
}
