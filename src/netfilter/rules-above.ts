import { names } from '../backends/names.ts';
import type { KernelCommand } from '../model/command.ts';
import { tryRun } from '../system/run.ts';

/**
 * The rules above our accept in a foreign chain, as an administrator would see them listed; all
 * rules, where ours is not there.
 *
 * @param place the name of the head rule's place: `iptables FORWARD`, `iptables-legacy FORWARD`, `ip TABLE CHAIN`
 */
export function rulesAboveOurs(place: string): readonly string[] {
  const command = listingOf(place);
  return command === undefined ? [] : aboveOurs(rulesOf(tryRun(command) ?? ''));
}

/** How the chain is listed as text; undefined if the place is none that is known here. */
export function listingOf(place: string): KernelCommand | undefined {
  const [, iptables, legacy] = /^(ip6?tables)(-legacy)? FORWARD$/.exec(place) ?? [];
  if (iptables !== undefined)
    return {
      program: `${iptables}${legacy ?? '-nft'}`,
      alternatives: [iptables],
      args: ['-w', '3', '-S', 'FORWARD'],
    };
  const [, family, table, chain] = /^(ip6?) (\S+) (\S+)$/.exec(place) ?? [];
  if (family === undefined || table === undefined || chain === undefined) return undefined;
  return { program: 'nft', args: ['-s', 'list', 'chain', family, table, chain] };
}

/** The rules of a chain's listing, by iptables -S or nft, without what is around them. */
export function rulesOf(listing: string): string[] {
  const lines = listing.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && !/^(-P |-N |table |chain |type |\}|#)/.test(line));
}

export function aboveOurs(rules: readonly string[]): readonly string[] {
  const own = rules.findIndex(
    (rule) => rule.endsWith(`-j ${names.forwardChain}`) || rule.includes(`comment "${names.comment}"`),
  );
  return own === -1 ? rules : rules.slice(0, own);
}
