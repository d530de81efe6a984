import type { Family } from '../model/address.ts';
import type { ListedRule } from '../model/chain.ts';
import type { KernelCommand } from '../model/command.ts';
import type { VifElement } from '../model/vif.ts';
import { type IptablesOnHost, iptablesOf } from './head-rules.ts';
import { foreignChains, names } from './names.ts';
import { renderPhysdev } from './physdev.ts';

/*
 * Where the accepts for bridged guests go: a chain of their own, jumped to from iptables' FORWARD, behind our other
 * chain at its head or behind everything. The chain is replaced as a whole, so that it agrees with the records.
 */

/** Where our chain is in a FORWARD. */
export interface VifState {
  /** Whether there is such a chain, and it could reject anything. */
  readonly needed: boolean;
  /** How many jumps to our chain there are. */
  readonly jumps: number;
  readonly inPlace: 'top' | 'bottom' | 'both' | 'no';
  /** Whether our other chain is jumped to by the first rule. */
  readonly second: boolean;
}

/** One variant of iptables, in one family. */
export interface VifPlace {
  readonly name: string;
  readonly family: Family;
  /** Undefined: only by `list`. */
  readonly native?: { readonly family: Family; readonly table: string; readonly chain: string };
  readonly judgeRules: (rules: readonly ListedRule[] | undefined) => VifState;
  /** The filter table's rules as iptables-save writes them. */
  readonly list: KernelCommand;
  readonly judge: (listing: string | undefined) => VifState;
  readonly assert: (state: VifState, vifs: readonly VifElement[]) => KernelCommand;
  readonly remove: (state: VifState) => KernelCommand;
}

/** The places of the jumps on this host. */
export function vifPlaces(host: IptablesOnHost, family: Family): VifPlace[] {
  const variants = [
    ...(host.iptables ? (['nft'] as const) : []),
    ...(host.legacyFilter ? (['legacy'] as const) : []),
  ];
  return variants.map((variant) => place(variant, family));
}

/** Whether their rules come last. */
export function isAtBottom(vifs: readonly VifElement[]): boolean {
  return vifs.some(({ bottom }) => bottom === true);
}

function place(variant: 'nft' | 'legacy', family: Family): VifPlace {
  const iptables = iptablesOf(family);
  const restore = (lines: readonly string[]): KernelCommand => ({
    program: `${iptables}-${variant}-restore`,
    alternatives: [`${iptables}-restore`],
    args: ['--noflush', '-w', '3'],
    input: ['*filter', ...lines, 'COMMIT\n'].join('\n'),
  });
  const { vifChain } = names;
  const noJumps = ({ jumps }: VifState) => Array.from({ length: jumps }, () => `-D FORWARD -j ${vifChain}`);
  return {
    name: variant === 'nft' ? `${iptables} FORWARD` : `${iptables}-legacy FORWARD`,
    family,
    ...(variant === 'nft' && { native: { family, ...foreignChains.iptables } }),
    judgeRules: (rules) =>
      judge(
        rules?.map(({ jump }) => jump ?? ''),
        rules !== undefined,
      ),
    list: {
      program: `${iptables}-${variant}-save`,
      alternatives: [`${iptables}-save`],
      args: ['-t', 'filter'],
    },
    judge: (listing) => {
      const lines = (listing ?? '').split('\n');
      const rules = lines.filter((line) => line.startsWith('-A FORWARD '));
      const filters = rules.length > 0 || lines.some((line) => /^:FORWARD (?!ACCEPT)/.test(line));
      const targets = rules.map((line) => / -j (\S+)$/.exec(line)?.[1] ?? '');
      return judge(targets, variant === 'nft' ? lines.some((line) => line.startsWith(':FORWARD ')) : filters);
    },
    assert: (state, vifs) =>
      restore([
        `:${vifChain} - [0:0]`,
        ...noJumps(state),
        ...(isAtBottom(vifs) ? [`-A FORWARD -j ${vifChain}`] : [jumpAtTop(state)]),
        ...renderPhysdev(vifs, family),
      ]),
    remove: (state) => restore([`:${vifChain} - [0:0]`, ...noJumps(state), `-X ${vifChain}`]),
  };
}

/** Behind the jump to our other chain, if that is first; see `head-rules.ts`. */
function jumpAtTop({ second }: VifState): string {
  return `-I FORWARD ${second ? 2 : 1} -j ${names.vifChain}`;
}

/** @param targets what each rule jumps to, in their order */
function judge(targets: readonly string[] | undefined, needed: boolean): VifState {
  const rules = targets ?? [];
  const jumps = rules.filter((target) => target === names.vifChain).length;
  const second = rules[0] === names.forwardChain;
  const top = rules[second ? 1 : 0] === names.vifChain;
  const last = rules.at(-1) === names.vifChain;
  const inPlace = jumps !== 1 ? 'no' : top && last ? 'both' : top ? 'top' : last ? 'bottom' : 'no';
  return { needed, jumps, inPlace, second };
}

/** The rules of our chain in what `list` printed. */
export function physdevRules(listing: string): string[] {
  return listing.split('\n').filter((line) => line.startsWith(`-A ${names.vifChain} `));
}
