/*
 * Which rules of a foreign chain may stay above guestgate's accept: those that refuse nothing, and bans, which refuse
 * sources that they name. A rule that refuses other packets as well is an obstacle: guestgate's accept goes above it.
 */

/**
 * `ban`: refuses only sources that it names, or is a jump to a chain that does; `place`: is a jump to an empty chain, where
 * bans may come; `harmless`: refuses nothing that guestgate accepts; `obstacle`: anything else.
 */
export type RuleKind = 'ban' | 'place' | 'harmless' | 'obstacle';

/** A rule of iptables or nftables as far as it matters here. */
export interface RuleEffect {
  /** As an administrator sees it listed. */
  readonly text: string;
  readonly isOurs: boolean;
  /** Whether it matches only packets of sources that it names: an address, a network, a set of them. */
  readonly namesSources: boolean;
  /** Whether it matches no packet that guestgate accepts: without a connection there is no mark. */
  readonly sparesOurs: boolean;
  readonly verdict: 'none' | 'accept' | 'return' | 'refuse' | 'goto' | { readonly jump: string };
}

/** A chain's rules; undefined: there is no such chain. */
export type ChainReader = (name: string) => readonly RuleEffect[] | undefined;

/** A rule of a base chain. */
export interface JudgedRule {
  readonly text: string;
  readonly isOurs: boolean;
  readonly kind: RuleKind;
  /** The bans in it: itself, or those in the chains that an obstacle jumps to. */
  readonly bans: readonly string[];
}

/** What each rule of a base chain is. */
export function judgeChain(base: string, read: ChainReader): JudgedRule[] {
  return (read(base) ?? []).map((rule) => {
    const ends = rule.verdict === 'return' && !rule.namesSources;
    const kind = ends ? 'obstacle' : kindOf(rule, read, [base]);
    return {
      text: rule.text,
      isOurs: rule.isOurs,
      kind,
      bans: [...new Set(bansIn(rule, kind, read, [base]))],
    };
  });
}

function bansIn(rule: RuleEffect, kind: RuleKind, read: ChainReader, path: readonly string[]): string[] {
  const { verdict } = rule;
  if (kind === 'ban') return verdict === 'goto' ? [] : [rule.text];
  if (kind !== 'obstacle' || typeof verdict === 'string' || path.includes(verdict.jump)) return [];
  const below = [...path, verdict.jump];
  return (read(verdict.jump) ?? []).flatMap((inner) =>
    bansIn(inner, kindOf(inner, read, below), read, below),
  );
}

function kindOf(rule: RuleEffect, read: ChainReader, path: readonly string[]): RuleKind {
  const { verdict } = rule;
  if (rule.sparesOurs || verdict === 'none' || verdict === 'accept' || verdict === 'return')
    return 'harmless';
  if (rule.namesSources) return 'ban';
  if (verdict === 'refuse' || verdict === 'goto' || path.includes(verdict.jump)) return 'obstacle';
  return kindOfJump(verdict.jump, read, [...path, verdict.jump]);
}

function kindOfJump(chain: string, read: ChainReader, path: readonly string[]): RuleKind {
  const rules = read(chain);
  if (rules === undefined || chainsOfObstacles.test(chain)) return 'obstacle';
  const kinds = rules.map((rule) => kindOf(rule, read, path));
  if (kinds.includes('obstacle')) return 'obstacle';
  if (kinds.includes('ban')) return 'ban';
  const isEmpty = rules.every(({ verdict }) => verdict === 'return') && !chainsOfPrograms.test(chain);
  return isEmpty || kinds.includes('place') ? 'place' : 'harmless';
}

/** libvirt rejects in its chains as soon as a network runs; they may be empty before. */
const chainsOfObstacles = /^LIBVIRT_/;

/**
 * Chains that their programs fill, not the administrator: empty, they are no place for bans. DOCKER-USER and
 * ufw-user-forward are places for the administrator's own rules.
 */
const chainsOfPrograms = /^(DOCKER(?!-USER$)|ufw6?-(?!user-forward$)|KUBE-|FORWARD_|GUESTGATE-(?!USER$))/;

/** Where guestgate's accept is in a chain, and where it belongs. */
export interface Standing {
  /** How many of the others' rules are above it; without it, all. */
  readonly position: number;
  /** Whether only bans and harmless rules are above it. */
  readonly inPlace: boolean;
  /** How many of the other rules belong above it: up to the last ban ahead of the first obstacle. */
  readonly above: number;
  /** The obstacles above it, or in its place. */
  readonly obstacles: readonly string[];
  /** The bans that do not hold for what guestgate accepts, because they are below it. */
  readonly without: readonly string[];
}

export function standingOf(rules: readonly JudgedRule[]): Standing {
  const own = rules.findIndex(({ isOurs }) => isOurs);
  const others = rules.filter(({ isOurs }) => !isOurs);
  const ahead = own === -1 ? others : rules.slice(0, own);
  const behind = own === -1 ? [] : rules.slice(own + 1);
  const obstacles = ahead.filter(({ kind }) => kind === 'obstacle').map(({ text }) => text);
  const first = others.findIndex(({ kind }) => kind === 'obstacle');
  const leading = first === -1 ? others : others.slice(0, first);
  return {
    position: ahead.length,
    inPlace: own !== -1 && obstacles.length === 0 && behind.every(({ isOurs }) => !isOurs),
    above: leading.findLastIndex(({ kind }) => kind === 'ban' || kind === 'place') + 1,
    obstacles,
    without: own === -1 ? [] : [...new Set(behind.flatMap(({ bans }) => bans))],
  };
}
