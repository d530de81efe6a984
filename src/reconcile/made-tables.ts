import type { BackendName } from '../model/backend-name.ts';
import { hostFamilies } from '../system/host.ts';
import { listRules } from '../system/netlink-rules.ts';
import { tryRun } from '../system/run.ts';

/*
 * iptables-nft makes its tables when they are first used, and never removes them. Those that came with us go with us,
 * if nobody has put anything there meanwhile: the ruleset is what it was.
 */

/** A chain that each of them has. */
const chainOf = { filter: 'FORWARD', mangle: 'FORWARD', nat: 'POSTROUTING' } as const;

/** Those that are not there yet, `ip mangle`, before the back end is used. */
export function tablesToCome(name: BackendName): string[] {
  if (name !== 'iptables-nft') return [];
  return hostFamilies().flatMap((family) =>
    Object.entries(chainOf).flatMap(([table, chain]) =>
      listRules({ family, table, chain }) === 'missing' ? [`${family} ${table}`] : [],
    ),
  );
}

/** Removes those of the tables that hold nothing but the base chains that iptables makes. */
export function removeMadeTables(made: readonly string[]): void {
  for (const path of made) {
    const listing = list(path);
    if (listing !== undefined && isEmpty(listing))
      tryRun({ program: 'nft', args: ['delete', 'table', ...path.split(' ')] });
  }
}

function list(path: string): string | undefined {
  return tryRun({ program: 'nft', args: ['-j', 'list', 'table', ...path.split(' ')] });
}

/** Reads `nft -j list table` (libnftables-json(5)). */
function isEmpty(listing: string): boolean {
  const objects = (JSON.parse(listing) as { nftables: Record<string, { hook?: string; policy?: string }>[] })
    .nftables;
  return objects.every((object) => {
    const { metainfo, table, chain } = object;
    return (
      metainfo !== undefined ||
      table !== undefined ||
      (chain?.hook !== undefined && chain.policy === 'accept')
    );
  });
}
