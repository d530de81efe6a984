import type { Above, HeadRulePlace } from '../backends/head-rules.ts';
import { names } from '../backends/names.ts';
import type { ChainName } from '../model/chain.ts';
import type { KernelCommand } from '../model/command.ts';
import { type JudgedRule, judgeChain, type Standing, standingOf } from '../netfilter/bans.ts';
import { parseSavedTables } from '../netfilter/iptables-save.ts';
import { listedChains } from '../netfilter/listed-bans.ts';
import { type ListedRule, parseListedRuleset } from '../netfilter/listed-ruleset.ts';
import { rulesOf } from '../netfilter/rules-above.ts';
import { type GuestSide, savedChains } from '../netfilter/saved-bans.ts';
import { readHostState } from '../state/host-state.ts';
import { tryListing } from '../system/listing.ts';
import { tryRun } from '../system/run.ts';
import { stoppedFirewall } from '../system/stopped-firewall.ts';

/*
 * Read where guestgate's head rule is not the first rule of its chain, or to find bans below it: it takes one or two programs.
 */

/** Where guestgate's accept is in a foreign chain, and where it belongs. */
export interface PlaceStanding extends Omit<Standing, 'above'> {
  readonly above: Above;
  /** The firewall that was stopped into its safe state: what it blocks stays blocked. */
  readonly stopped?: string;
}

/**
 * @returns undefined if the place is no chain with bans of others, or cannot be read: the head rule belongs at its head
 * @throws CommandError if a listing is incomplete
 */
export function readStanding(place: HeadRulePlace): PlaceStanding | undefined {
  if (place.bans === undefined) return undefined;
  if ('chain' in place.bans) return ofNftables(place, place.bans.chain);
  // iptables-nft lists nothing of a table with another program's nft rules.
  const nft = place.native?.chain;
  return ofIptables(place, place.bans.save) ?? (nft && ofNftables(place, nft));
}

function ofIptables({ family }: HeadRulePlace, save: KernelCommand): PlaceStanding | undefined {
  const text = tryListing(save);
  if (text === undefined) return undefined;
  const table = parseSavedTables(text).find(({ name }) => name === 'filter');
  const forward = table?.chains.get('FORWARD');
  if (forward === undefined) return undefined;
  const isOurs = (target: string) => target === names.forwardChain;
  const rules = judgeChain('FORWARD', savedChains(table, isOurs, guestSide()));
  const standing = standingOf(rules);
  const ownChains = [...(table?.chains.values() ?? [])].flatMap(({ name, policy }) =>
    policy === undefined ? [name] : [],
  );
  const stopped = forward.policy === 'DROP' ? stoppedFirewall(family, ownChains) : undefined;
  return {
    ...standing,
    above: {
      count: standing.above,
      userChain: table?.chains.has(names.userChain) === true ? 'there' : 'missing',
    },
    ...(stopped !== undefined && { stopped }),
  };
}

function ofNftables(place: HeadRulePlace, where: ChainName): PlaceStanding | undefined {
  const command = { program: 'nft', args: ['-j', 'list', 'table', where.family, where.table] };
  const text = tryListing(command);
  if (text === undefined) return undefined;
  const ruleset = parseListedRuleset(text, command);
  const base = ruleset.chains.find(({ name }) => name === where.chain);
  if (base === undefined) return undefined;
  const list = { program: 'nft', args: ['-s', 'list', 'chain', where.family, where.table, where.chain] };
  const isOurs = (rule: ListedRule) =>
    rule.comment?.startsWith(names.comment) === true || jumpOf(rule) === names.forwardChain;
  const texts = rulesOf(tryRun(list) ?? '');
  const rules: JudgedRule[] = judgeChain(base.name, listedChains(ruleset, base, texts, isOurs));
  const standing = standingOf(rules);
  const last = base.rules.filter((rule) => !isOurs(rule))[standing.above - 1];
  const isThere = ruleset.chains.some(({ name }) => name === names.userChain);
  const ownChains = ruleset.chains.flatMap(({ name, base: hook }) => (hook === undefined ? [name] : []));
  const stopped = base.base?.policy === 'drop' ? stoppedFirewall(place.family, ownChains) : undefined;
  return {
    ...standing,
    above: {
      count: standing.above,
      ...(last !== undefined && { handle: last.handle }),
      ...(where.table === 'filter' && { userChain: isThere ? 'there' : 'missing' }),
    },
    ...(stopped !== undefined && { stopped }),
  };
}

function jumpOf({ expressions }: ListedRule): string | undefined {
  return expressions
    .map((one) => (one['jump'] as { target?: string } | undefined)?.target)
    .find((target) => target !== undefined);
}

/** The guest networks that have rules, from the host's state. */
function guestSide(): GuestSide {
  const elements = Object.values(readHostState().networks).flat();
  return {
    gateways: elements.flatMap((element) => (element.kind === 'gateway' ? [element.address] : [])),
    bridges: elements.flatMap((element) => (element.kind === 'hairpin' ? [element.bridge] : [])),
  };
}
