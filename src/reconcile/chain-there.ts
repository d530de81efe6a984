import type { ChainName } from '../model/chain.ts';
import { listRules } from '../system/netlink-rules.ts';
import { tryRun } from '../system/run.ts';

/** Whether the kernel has a chain: asked of the kernel, or of nft where that is not possible. Looking makes no table. */
export function isChainThere(chain: ChainName): boolean {
  const rules = listRules(chain);
  if (rules !== undefined) return rules !== 'missing';
  const args = ['list', 'chain', chain.family, chain.table, chain.chain];
  return tryRun({ program: 'nft', args }) !== undefined;
}
