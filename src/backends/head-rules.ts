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
  readonly assert: (state: HeadRuleState, mark: number) => KernelCommand;
  readonly remove: (state: HeadRuleState) => KernelCommand;
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
function nativeFilterTable(family: Family): HeadRulePlace {
  return nativePlace({ family, ...foreignChains.iptables });
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
    assert: (state, mark) => ({
      program: 'nft',
      args: ['-f', '-'],
      input: `${removal(state)}insert rule ${path} ${ours(mark)} counter accept comment "${names.comment}"\n`,
    }),
    remove: (state) => ({ program: 'nft', args: ['-f', '-'], input: removal(state) }),
  };
}

/**
 * iptables-nft's filter table. The rules go in through iptables: a native `ct mark` there would make every
 * `iptables -L` on the host fail with "table is incompatible".
 */
function iptablesTable(family: Family): HeadRulePlace {
  const iptables = iptablesOf(family);
  const restore = [`${iptables}-nft-restore`, `${iptables}-restore`];
  const where = { family, ...foreignChains.iptables };
  return {
    name: `${iptables} FORWARD`,
    family,
    ...lookingAt(where, (rule) => rule.jump === names.forwardChain),
    assert: (state, mark) => iptablesRestore(restore, renderJump(state, mark)),
    remove: (state) => iptablesRestore(restore, renderNoJump(state)),
  };
}

/** The older tables of iptables-legacy: other hooks of the kernel, which say no on their own. */
function legacyTable(family: Family): HeadRulePlace {
  const iptables = iptablesOf(family);
  const restore = [`${iptables}-legacy-restore`, `${iptables}-restore`];
  return {
    name: `${iptables}-legacy FORWARD`,
    family,
    list: {
      program: `${iptables}-legacy-save`,
      alternatives: [`${iptables}-save`],
      args: ['-t', 'filter'],
    },
    judge: judgeLegacy,
    assert: (state, mark) => iptablesRestore(restore, renderJump(state, mark)),
    remove: (state) => iptablesRestore(restore, renderNoJump(state)),
  };
}

/** The programs of each family are named alike. */
export function iptablesOf(family: Family): 'iptables' | 'ip6tables' {
  return family === 'ip' ? 'iptables' : 'ip6tables';
}

function iptablesRestore([program, ...alternatives]: readonly string[], input: string): KernelCommand {
  return { program: program ?? '', alternatives, args: ['--noflush', '-w', '3'], input };
}

/** Naming the chain creates it, or empties it where it is: either way its one rule follows. */
function renderJump(state: HeadRuleState, mark: number): string {
  const { forwardChain } = names;
  return [
    '*filter',
    `:${forwardChain} - [0:0]`,
    ...state.found.map(() => `-D FORWARD -j ${forwardChain}`),
    `-I FORWARD 1 -j ${forwardChain}`,
    `-A ${forwardChain} -m connmark --mark ${hex(mark)}/${hex(mark)} -j ACCEPT`,
    'COMMIT\n',
  ].join('\n');
}

function renderNoJump(state: HeadRuleState): string {
  const { forwardChain } = names;
  const lines = state.found.map(() => `-D FORWARD -j ${forwardChain}`);
  return ['*filter', ...lines, `-F ${forwardChain}`, `-X ${forwardChain}`, 'COMMIT\n'].join('\n');
}
