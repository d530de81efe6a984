import type { KernelCommand } from '../model/command.ts';
import { parseListedRuleset } from './listed-ruleset.ts';

/** What a program lists; undefined if it fails. */
type List = (command: KernelCommand) => string | undefined;

/**
 * Completes what `iptables-nft-save` printed. It leaves out a whole table once another program has put a rule of nftables' own
 * into one of its chains (Tailscale does so in its nftables mode), and prints `# Table 'filter' is incompatible` instead. `iptables -S CHAIN`
 * still lists each of the other chains.
 *
 * @param command that printed it
 */
export function completeSave(text: string, command: KernelCommand, list: List): string {
  const tables = [...text.matchAll(/^# Table `(\w+)' is incompatible/gm)].map(([, table = '']) => table);
  return [text, ...tables.map((table) => tableByChains(table, command, list))].join('');
}

function tableByChains(table: string, { program, args }: KernelCommand, list: List): string {
  const family = program.startsWith('ip6') ? 'ip6' : 'ip';
  const names = { program: 'nft', args: ['-j', '-t', 'list', 'table', family, table] };
  const json = list(names);
  const iptables = program.replace(/-save$/, '');
  const counters = args.includes('-c') ? ['-v'] : [];
  const chains = (json === undefined ? [] : parseListedRuleset(json, names).chains).flatMap(({ name }) => {
    const listing = list({
      program: iptables,
      alternatives: [iptables.replace('-nft', '')],
      args: ['-w', '3', '-t', table, ...counters, '-S', name],
    });
    return listing === undefined ? [] : listing.split('\n').filter((line) => line !== '');
  });
  const declared = chains.flatMap((line) => {
    const [, policy, chain, verdict = '-'] = /^-([PN]) (\S+)(?: (\w+))?/.exec(line) ?? [];
    return policy === undefined ? [] : [`:${chain} ${verdict} [0:0]`];
  });
  const rules = chains.filter((line) => line.startsWith('-A ')).map(withCounterFirst);
  return [`*${table}`, ...declared, ...rules, 'COMMIT\n'].join('\n');
}

/** `-A CHAIN -c 1 60 -j ACCEPT` as save writes it: `[1:60] -A CHAIN -j ACCEPT`. */
function withCounterFirst(line: string): string {
  const counter = / -c (\d+) (\d+)(?= -[jg] |$)/;
  const [, packets, bytes] = counter.exec(line) ?? [];
  return packets === undefined ? line : `[${packets}:${bytes}] ${line.replace(counter, '')}`;
}
