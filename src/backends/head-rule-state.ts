import type { ChainName, ListedRule } from '../model/chain.ts';
import type { KernelCommand } from '../model/command.ts';
import { type NftObject, readNftJson } from '../model/program-output.ts';
import { names } from './names.ts';

/** The state of our head rule in a foreign chain. */
export interface HeadRuleState {
  /** Whether there is such a chain, and it could reject anything. */
  readonly needed: boolean;
  readonly first: boolean;
  /** Our rules there: handles of native rules, or as many entries as there are jumps. */
  readonly found: readonly number[];
}

/** How a chain of nftables is looked at: by asking the kernel, or by nft where it cannot be asked. */
export interface Looking {
  readonly native: {
    readonly chain: ChainName;
    /** @param rules undefined if there is no such chain */
    readonly judge: (rules: readonly ListedRule[] | undefined) => HeadRuleState;
  };
  readonly list: KernelCommand;
  /** @param listing what `list` printed; undefined if it failed: there is no such chain. @throws CommandError if it is not whole */
  readonly judge: (listing: string | undefined) => HeadRuleState;
}

/** Both ways to look at a chain of nftables. */
export function lookingAt(chain: ChainName, isOurs: (rule: ListedRule) => boolean): Looking {
  const judge = (rules: readonly ListedRule[] | undefined) => judgeRules(rules, isOurs);
  const args = ['-j', '-a', 'list', 'chain', chain.family, chain.table, chain.chain];
  const list = { program: 'nft', args };
  return {
    native: { chain, judge },
    list,
    judge: (listing) => judge(listing === undefined ? undefined : parseRules(listing, list)),
  };
}

function judgeRules(
  rules: readonly ListedRule[] | undefined,
  isOurs: (rule: ListedRule) => boolean,
): HeadRuleState {
  if (rules === undefined) return { needed: false, first: false, found: [] };
  const found = rules.filter(isOurs).map((rule) => rule.handle);
  const first = rules[0] !== undefined && isOurs(rules[0]) && found.length === 1;
  return { needed: true, first, found };
}

/** Reads `nft -j list chain`. Of a rule only its handle, comment and jump are looked at: the rest differs by version. */
function parseRules(listing: string, command: KernelCommand): ListedRule[] {
  return readNftJson(listing, command, rulesOf);
}

function rulesOf(objects: readonly NftObject[]): ListedRule[] {
  return objects.flatMap((object) => {
    const rule = object['rule'] as { handle: number; comment?: string; expr?: unknown[] } | undefined;
    if (rule === undefined) return [];
    const jump = (rule.expr ?? [])
      .map((expression) => (expression as { jump?: { target?: string } } | null)?.jump?.target)
      .find((target) => target !== undefined);
    return [
      {
        handle: rule.handle,
        ...(rule.comment !== undefined && { comment: rule.comment }),
        ...(jump !== undefined && { jump }),
      },
    ];
  });
}

/** Reads `iptables-legacy-save -t filter`. A table that rejects nothing is left alone. */
export function judgeLegacy(
  listing: string | undefined,
  chain: string = 'FORWARD',
  own: string = names.forwardChain,
): HeadRuleState {
  const lines = (listing ?? '').split('\n');
  const rules = lines.filter((line) => line.startsWith(`-A ${chain} `));
  const ours = rules.flatMap((line, index) => (line.endsWith(`-j ${own}`) ? [index] : []));
  const closed = (line: string) => line.startsWith(`:${chain} `) && !line.startsWith(`:${chain} ACCEPT`);
  const needed = rules.length > 0 || lines.some(closed);
  return { needed, first: ours[0] === 0 && ours.length === 1, found: ours };
}
