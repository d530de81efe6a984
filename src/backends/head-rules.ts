import type { Family } from '../model/address.ts';
import type { ChainName } from '../model/chain.ts';
import type { KernelCommand } from '../model/command.ts';
import { type HeadRuleState, judgeLegacy, type Looking, lookingAt } from './head-rule-state.ts';
import { foreignChains, hex, names } from './names.ts';

/*
 * In nftables an accept ends only its own base chain: every later base chain of the hook can still reject
 * (nft(8), "verdict statements"). So what we admit carries our bit of ct mark, and one fixed rule accepts
 * that bit at the head of each foreign chain that might say no. Both directions of a connection carry it.
 */

/** A foreign chain: how to list it, to put our head rule first, and to remove it. */
export interface HeadRulePlace {
  readonly name: string;
  readonly family: Family;
  /** It jumps to a chain of our own, and is needed whether or not the chain has other rules; that chain is not written with it. */
  readonly isOurJump?: true;
  /** How it is looked at by asking the kernel; undefined: only by `list`. */
  readonly native?: Looking['native'];
  readonly list: KernelCommand;
  /** @param listing what `list` printed; undefined if it failed: there is no such chain */
  readonly judge: (listing: string | undefined) => HeadRuleState;
  /** How to read the chain, and those that it jumps to, where bans of others may be above our head rule. */
  readonly bans?: { readonly save: KernelCommand } | { readonly chain: ChainName };
  /** @param above the others' rules that stay above it; undefined: none */
  readonly assert: (state: HeadRuleState, mark: number, above?: Above) => KernelCommand;
  readonly remove: (state: HeadRuleState) => KernelCommand;
}

/** Rules of others at the head of a chain. */
export interface Above {
  readonly count: number;
  /** The handle of the last of them, in a chain of nftables. */
  readonly handle?: number;
  /** Of iptables: whether the administrator's own chain is there, or has to be made; undefined: not known. */
  readonly userChain?: 'there' | 'missing';
}

/** What a host has of iptables, in one family. */
export interface IptablesOnHost {
  /** The older tables, in the kernel. */
  readonly legacyFilter: boolean;
  readonly legacyNat?: boolean;
  /** The programs. */
  readonly iptables: boolean;
}

/** The places of head rules on this host, in one family. */
export function headRulePlaces(host: IptablesOnHost, family: Family = 'ip'): HeadRulePlace[] {
  const places = [libvirtTable(family), host.iptables ? iptablesTable(family) : nativeFilterTable(family)];
  return host.legacyFilter ? [...places, legacyTable(family)] : places;
}

/**
 * The places, in one family, of the rule that lets guests reach services of the host: as in FORWARD it accepts our bit, ahead of
 * everything else. No bans are looked for: it is about packets of guests alone.
 */
export function inputPlaces({ iptables, legacyFilter }: IptablesOnHost, family: Family): HeadRulePlace[] {
  const place = iptables ? iptablesTable(family, inInput) : nativeFilterTable(family, inInput);
  return legacyFilter ? [place, legacyTable(family, inInput)] : [place];
}

/** A base chain of iptables' filter table, and our chain that it jumps to. */
interface Hooked {
  readonly chain: 'FORWARD' | 'INPUT';
  readonly own: string;
}

const inForward: Hooked = { chain: 'FORWARD', own: names.forwardChain };
const inInput: Hooked = { chain: 'INPUT', own: names.inputChain };

/** libvirt's own nft table: in `forward` a rule survives its restarts, in `guest_input` it would sink. */
function libvirtTable(family: Family): HeadRulePlace {
  return nativePlace({ family, ...foreignChains.libvirt });
}

/**
 * libvirt's translations run at the same priority as iptables', and which is asked first depends on which was there
 * first: what we translate carries our bit of both marks, packet and connection, and is left to us. The packet's alone may
 * be another program's.
 */
export function libvirtNat(family: Family): HeadRulePlace {
  return nativePlace({ family, ...foreignChains.libvirt, chain: 'guest_nat' }, ['meta mark', 'ct mark']);
}

/** iptables' filter table on a host without the iptables programs: without them, `iptables -L` cannot show the rule either. */
function nativeFilterTable(family: Family, { chain }: Hooked = inForward): HeadRulePlace {
  return nativePlace({ family, ...foreignChains.iptables, chain });
}

/** A chain of nftables, iptables-nft's included. */
interface ForeignChain extends ChainName {
  readonly family: Family;
}

function nativePlace(
  where: ForeignChain,
  carriers: readonly ('ct mark' | 'meta mark')[] = ['ct mark'],
): HeadRulePlace {
  const ours = (mark: number) =>
    carriers.map((carrier) => `${carrier} & ${hex(mark)} == ${hex(mark)}`).join(' ');
  const path = `${where.family} ${where.table} ${where.chain}`;
  const removal = (state: HeadRuleState) =>
    state.found.map((handle) => `delete rule ${path} handle ${handle}\n`).join('');
  return {
    name: path,
    family: where.family,
    ...lookingAt(where, (rule) => rule.comment?.startsWith(names.comment) === true),
    ...(!carriers.includes('meta mark') && { bans: { chain: where } }),
    assert: (state, mark, above) => ({
      program: 'nft',
      args: ['-f', '-'],
      input: `${removal(state)}${behind(path, above)} ${ours(mark)} counter accept comment "${names.comment}"\n`,
    }),
    remove: (state) => ({ program: 'nft', args: ['-f', '-'], input: removal(state) }),
  };
}

function behind(path: string, above: Above | undefined): string {
  return above?.handle === undefined ? `insert rule ${path}` : `add rule ${path} handle ${above.handle}`;
}

/**
 * iptables-nft's filter table. The rules go in through iptables: a native `ct mark` there would make every
 * `iptables -L` on the host fail with "table is incompatible".
 */
function iptablesTable(family: Family, hooked: Hooked = inForward): HeadRulePlace {
  const iptables = iptablesOf(family);
  const restore = [`${iptables}-nft-restore`, `${iptables}-restore`];
  const where = { family, ...foreignChains.iptables, chain: hooked.chain };
  return {
    name: `${iptables} ${hooked.chain}`,
    family,
    ...lookingAt(where, (rule) => rule.jump === hooked.own),
    ...(hooked === inForward && { bans: { save: savedFilter(family, 'nft') } }),
    assert: (state, mark, above) => iptablesRestore(restore, renderJump(hooked, state, mark, above)),
    remove: (state) => iptablesRestore(restore, renderNoJump(hooked, state)),
  };
}

/** The older tables of iptables-legacy: other hooks of the kernel, which say no on their own. */
function legacyTable(family: Family, hooked: Hooked = inForward): HeadRulePlace {
  const iptables = iptablesOf(family);
  const restore = [`${iptables}-legacy-restore`, `${iptables}-restore`];
  return {
    name: `${iptables}-legacy ${hooked.chain}`,
    family,
    list: savedFilter(family, 'legacy'),
    judge: (listing) => judgeLegacy(listing, hooked.chain, hooked.own),
    ...(hooked === inForward && { bans: { save: savedFilter(family, 'legacy') } }),
    assert: (state, mark, above) => iptablesRestore(restore, renderJump(hooked, state, mark, above)),
    remove: (state) => iptablesRestore(restore, renderNoJump(hooked, state)),
  };
}

/** Lists the filter table of one kind of iptables. */
export function savedFilter(family: Family, variant: 'nft' | 'legacy'): KernelCommand {
  const iptables = iptablesOf(family);
  return {
    program: `${iptables}-${variant}-save`,
    alternatives: [`${iptables}-save`],
    args: ['-t', 'filter'],
  };
}

/** The programs of each family are named alike. */
export function iptablesOf(family: Family): 'iptables' | 'ip6tables' {
  return family === 'ip' ? 'iptables' : 'ip6tables';
}

function iptablesRestore([program, ...alternatives]: readonly string[], input: string): KernelCommand {
  return { program: program ?? '', alternatives, args: ['--noflush', '-w', '3'], input };
}

/** Naming the chain creates it, or empties it where it is: either way its rules follow. Never so with the administrator's own. */
function renderJump(
  { chain, own }: Hooked,
  state: HeadRuleState,
  mark: number,
  above: Above = { count: 0 },
): string {
  const { userChain } = names;
  const bit = `${hex(mark)}/${hex(mark)}`;
  return [
    '*filter',
    ...(above.userChain === 'missing' ? [`-N ${userChain}`] : []),
    `:${own} - [0:0]`,
    ...state.found.map(() => `-D ${chain} -j ${own}`),
    `-I ${chain} ${above.count + 1} -j ${own}`,
    ...(above.userChain === undefined ? [] : [`-A ${own} -m connmark --mark ${bit} -j ${userChain}`]),
    `-A ${own} -m connmark --mark ${bit} -j ACCEPT`,
    'COMMIT\n',
  ].join('\n');
}

function renderNoJump({ chain, own }: Hooked, state: HeadRuleState): string {
  const lines = state.found.map(() => `-D ${chain} -j ${own}`);
  return ['*filter', ...lines, `-F ${own}`, `-X ${own}`, 'COMMIT\n'].join('\n');
}
