import { names } from '../backends/names.ts';
import { readNftJson } from '../model/program-output.ts';
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
        renderRemoval(objects as readonly Listed[], `${family} ${table}`),
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
    readonly expr: readonly { readonly jump?: { readonly target: string } }[];
  };
}

/** Reads `nft -j -a list table` (libnftables-json(5)). One transaction: all of it goes, or nothing. */
function renderRemoval(nftables: readonly Listed[], table: string): string {
  const rules = nftables.flatMap(({ rule }) => rule ?? []);
  const isUserChainUsed = rules.some(
    ({ chain, expr }) =>
      chain === names.userChain ||
      (!isOurs(chain) && expr.some(({ jump }) => jump?.target === names.userChain)),
  );
  const own = nftables.flatMap(({ chain }) =>
    chain !== undefined && isOurs(chain.name) && !(isUserChainUsed && chain.name === names.userChain)
      ? [chain.name]
      : [],
  );
  const jumps = nftables.flatMap(({ rule }) =>
    rule !== undefined &&
    !isOurs(rule.chain) &&
    rule.expr.some(({ jump }) => jump && own.includes(jump.target))
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
