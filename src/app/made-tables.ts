import type { BackendName } from '../model/backend-name.ts';
import type { KernelCommand } from '../model/command.ts';
import { readNftJson } from '../model/program-output.ts';
import { hostFamilies } from '../system/host.ts';
import { listRules } from '../system/netlink-rules.ts';
import { tryRun } from '../system/run.ts';
import { tolerate } from './tolerate.ts';

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
    const command = { program: 'nft', args: ['-j', 'list', 'table', ...path.split(' ')] };
    const listing = tryRun(command);
    if (listing !== undefined && tolerate(() => isEmpty(listing, command)) === true)
      tryRun({ program: 'nft', args: ['delete', 'table', ...path.split(' ')] });
  }
}

/** Reads `nft -j list table` (libnftables-json(5)). A listing that is not whole proves nothing: the table stays. */
function isEmpty(listing: string, command: KernelCommand): boolean {
  return readNftJson(listing, command, (objects) =>
    objects.every(({ metainfo, table, chain }) => {
      const base = chain as { hook?: string; policy?: string } | undefined;
      return (
        metainfo !== undefined ||
        table !== undefined ||
        (base?.hook !== undefined && base.policy === 'accept')
      );
    }),
  );
}
