import { names } from '../backends/names.ts';
import { type NftObject, readNftJson } from '../model/program-output.ts';
import { hostFamilies } from '../system/host.ts';
import { tryRun } from '../system/run.ts';

/*
 * iptables-nft does not list a table in which another program has a rule that iptables cannot express, nft's own
 * `masquerade` for example. What guestgate put there before is then removed by nft, which lists every table.
 */

const tables = ['filter', 'mangle', 'nat'] as const;

/** Removes the chains of the iptables-nft back end that iptables-nft could not list, and the jumps to them. */
export function removeByNft(): void {
  for (const family of hostFamilies()) {
    for (const table of tables) {
      const command = { program: 'nft', args: ['-j', '-a', 'list', 'table', family, table] };
      const listing = tryRun(command);
      if (listing === undefined) continue;
      const script = readNftJson(listing, command, (objects) =>
        renderNftRemoval(objects, `${family} ${table}`),
      );
      if (script !== '') tryRun({ program: 'nft', args: ['-f', '-'], input: script });
    }
  }
}

interface Listed {
  readonly chain?: { readonly name: string };
  readonly rule?: {
    readonly chain: string;
    readonly handle: number;
    /** nft prints null for what it cannot express. */
    readonly expr?: readonly ({ readonly jump?: { readonly target: string } } | null)[];
  };
}

/**
 * Reads `nft -j -a list table` (libnftables-json(5)). One transaction: all of it goes, or nothing. Pure.
 *
 * @param table family and name, as in `ip filter`
 */
export function renderNftRemoval(objects: readonly NftObject[], table: string): string {
  const nftables = objects as readonly Listed[];
  const rules = nftables.flatMap(({ rule }) => rule ?? []);
  const jumpsTo = ({ expr = [] }: NonNullable<Listed['rule']>, targets: readonly string[]) =>
    expr.some((one) => one?.jump !== undefined && targets.includes(one.jump.target));
  const isUserChainUsed = rules.some(
    (rule) => rule.chain === names.userChain || (!isOurs(rule.chain) && jumpsTo(rule, [names.userChain])),
  );
  const own = nftables.flatMap(({ chain }) =>
    chain !== undefined && isOurs(chain.name) && !(isUserChainUsed && chain.name === names.userChain)
      ? [chain.name]
      : [],
  );
  const jumps = rules.flatMap((rule) =>
    !isOurs(rule.chain) && jumpsTo(rule, own)
      ? [`delete rule ${table} ${rule.chain} handle ${rule.handle}`]
      : [],
  );
  const lines = [
    ...jumps,
    ...own.map((name) => `flush chain ${table} ${name}`),
    ...own.map((name) => `delete chain ${table} ${name}`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function isOurs(chain: string): boolean {
  return chain.startsWith(names.chain);
}
