import type { KernelCommand } from '../model/command.ts';
import { type NftObject, readNftJson } from '../model/program-output.ts';

/** An object of nft's JSON (libnftables-json(5)). */
export type Json = NftObject;

export interface ListedRule {
  readonly handle: number;
  readonly comment?: string;
  readonly expressions: readonly Json[];
}

export interface ListedChain {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  /** Of base chains: where in the kernel it is asked, and in which order: lower numbers first. */
  readonly base?: {
    readonly type: string;
    readonly hook: string;
    readonly priority: number;
    readonly policy: string;
  };
  readonly rules: readonly ListedRule[];
}

/** A named set or map. */
export interface ListedSet {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly map: boolean;
  readonly elements: readonly unknown[];
}

/** A ruleset as the kernel holds it, its chains in the order of the listing. */
export interface ListedRuleset {
  readonly chains: readonly ListedChain[];
  readonly sets: readonly ListedSet[];
}

/** `nft -j list ruleset`. */
export const listRuleset: KernelCommand = { program: 'nft', args: ['-j', 'list', 'ruleset'] };

/** The same without the elements of sets. */
export const listDeclarations: KernelCommand = { program: 'nft', args: ['-j', '-t', 'list', 'ruleset'] };

/**
 * Reads `nft -j list ruleset`.
 *
 * @param command that printed it
 * @throws CommandError if it is not whole
 */
export function parseListedRuleset(text: string, command = listRuleset): ListedRuleset {
  return readNftJson(text, command, rulesetOf);
}

function rulesetOf(objects: readonly Json[]): ListedRuleset {
  const chains: (ListedChain & { rules: ListedRule[] })[] = [];
  const sets: ListedSet[] = [];
  for (const object of objects) {
    const chain = object['chain'] as Json | undefined;
    const rule = object['rule'] as Json | undefined;
    const set = (object['set'] ?? object['map']) as Json | undefined;
    if (chain !== undefined)
      chains.push({ ...placeOf(chain), name: String(chain['name']), ...baseOf(chain), rules: [] });
    else if (rule !== undefined) {
      const { family, table } = placeOf(rule);
      chains
        .find((one) => one.family === family && one.table === table && one.name === rule['chain'])
        ?.rules.push(ruleOf(rule));
    } else if (set !== undefined) {
      const elements = Array.isArray(set['elem']) ? set['elem'] : [];
      sets.push({ ...placeOf(set), name: String(set['name']), map: 'map' in object, elements });
    }
  }
  return { chains, sets };
}

function placeOf(object: Json): { family: string; table: string } {
  return { family: String(object['family']), table: String(object['table']) };
}

function baseOf(chain: Json): Pick<ListedChain, 'base'> {
  if (typeof chain['hook'] !== 'string') return {};
  const policy = typeof chain['policy'] === 'string' ? chain['policy'] : 'accept';
  return {
    base: { type: String(chain['type']), hook: chain['hook'], priority: Number(chain['prio']), policy },
  };
}

function ruleOf(rule: Json): ListedRule {
  const { handle, comment, expr } = rule;
  return {
    handle: Number(handle),
    ...(typeof comment === 'string' && { comment }),
    expressions: Array.isArray(expr) ? (expr as Json[]) : [],
  };
}

/** The chain of that name in the same table. */
export function chainNamed(
  ruleset: ListedRuleset,
  beside: ListedChain,
  name: string,
): ListedChain | undefined {
  return ruleset.chains.find(
    (one) => one.family === beside.family && one.table === beside.table && one.name === name,
  );
}
