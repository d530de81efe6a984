import type { Family } from '../../model/address.ts';
import type { AntispoofElement } from '../../model/antispoof.ts';
import type { KernelCommand } from '../../model/command.ts';
import { type IptablesOnHost, iptablesOf } from '../head-rules.ts';
import { foreignChains, names } from '../names.ts';
import type { AntispoofPlace, PlaceState } from './contract.ts';
import { renderPhysdev } from './physdev.ts';

/*
 * Where the accepts for bridged guests go: a chain of their own, with a jump to it in iptables' FORWARD, behind our other
 * chain at its head or behind all other rules. Each change writes the whole chain.
 */

/** The places of the jumps on this host, in one family. */
export function antispoofPlaces(host: IptablesOnHost, family: Family): AntispoofPlace[] {
  const variants = [
    ...(host.iptables ? (['nft'] as const) : []),
    ...(host.legacyFilter ? (['legacy'] as const) : []),
  ];
  return variants.map((variant) => place(variant, family));
}

function isAtBottom(ports: readonly AntispoofElement[]): boolean {
  return ports.some(({ bottom }) => bottom === true);
}

function place(variant: 'nft' | 'legacy', family: Family): AntispoofPlace {
  const iptables = iptablesOf(family);
  const restore = (lines: readonly string[]): KernelCommand => ({
    program: `${iptables}-${variant}-restore`,
    alternatives: [`${iptables}-restore`],
    args: ['--noflush', '-w', '3'],
    input: ['*filter', ...lines, 'COMMIT\n'].join('\n'),
  });
  const { vifChain } = names;
  const noJumps = ({ jumps }: PlaceState) => Array.from({ length: jumps }, () => `-D FORWARD -j ${vifChain}`);
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
    isInPlace: ({ inPlace }, ports) =>
      inPlace === 'both' || inPlace === (isAtBottom(ports) ? 'bottom' : 'top'),
    assert: (state, ports) =>
      restore([
        `:${vifChain} - [0:0]`,
        ...noJumps(state),
        ...(isAtBottom(ports) ? [`-A FORWARD -j ${vifChain}`] : [jumpAtTop(state)]),
        ...renderPhysdev(ports, family),
      ]),
    remove: (state) => restore([`:${vifChain} - [0:0]`, ...noJumps(state), `-X ${vifChain}`]),
  };
}

/** Behind the jump to our other chain, above which bans may be; without it, first. See `../head-rules.ts`. */
function jumpAtTop({ behind }: PlaceState): string {
  return `-I FORWARD ${behind + 1} -j ${names.vifChain}`;
}

/** @param targets what each rule jumps to, in their order */
function judge(targets: readonly string[] | undefined, needed: boolean): PlaceState {
  const rules = targets ?? [];
  const jumps = rules.filter((target) => target === names.vifChain).length;
  const others = rules.filter((target) => target !== names.vifChain);
  const behind = others.indexOf(names.forwardChain) + 1;
  const top = rules[behind] === names.vifChain || rules[0] === names.vifChain;
  const last = rules.at(-1) === names.vifChain;
  const inPlace = jumps !== 1 ? 'no' : top && last ? 'both' : top ? 'top' : last ? 'bottom' : 'no';
  return { needed, jumps, inPlace, behind };
}

/** The rules of our chain in what `list` of a place printed. */
export function physdevRules(listing: string): string[] {
  return listing.split('\n').filter((line) => line.startsWith(`-A ${names.vifChain} `));
}
