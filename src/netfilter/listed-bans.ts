import type { ChainReader, RuleEffect } from './bans.ts';
import {
  chainNamed,
  type Json,
  type ListedChain,
  type ListedRule,
  type ListedRuleset,
} from './listed-ruleset.ts';

/**
 * Chains of nftables, from `nft -j list table`.
 *
 * @param base the chain that is read first
 * @param texts its rules as nft prints them
 */
export function listedChains(
  ruleset: ListedRuleset,
  base: ListedChain,
  texts: readonly string[],
  isOurs: (rule: ListedRule) => boolean,
): ChainReader {
  return (name) =>
    chainNamed(ruleset, base, name)?.rules.map((rule, index) => ({
      ...effectOf(rule),
      text: (name === base.name ? texts[index] : undefined) ?? `rule with handle ${rule.handle}`,
      isOurs: isOurs(rule),
    }));
}

function effectOf({ expressions }: ListedRule): Omit<RuleEffect, 'text' | 'isOurs'> {
  const matches = expressions.flatMap((one) => (one['match'] as MatchBody | undefined) ?? []);
  return {
    namesSources: matches.some(isSource) || expressions.some(isMapOfSources),
    sparesOurs: matches.some(isWithoutConnection),
    verdict: verdictOf(expressions),
  };
}

interface MatchBody {
  readonly op: string;
  readonly left: unknown;
  readonly right: unknown;
}

function isSource({ op, left }: MatchBody): boolean {
  return (op === '==' || op === 'in') && holdsSource(left);
}

function isMapOfSources(expression: Json): boolean {
  return holdsSource((expression['vmap'] as { key?: unknown } | undefined)?.key);
}

/** `ip saddr`, `ether saddr`, or several fields of which one is that. */
function holdsSource(value: unknown): boolean {
  const { payload, concat } = (value ?? {}) as {
    payload?: { protocol?: string; field?: string };
    concat?: readonly unknown[];
  };
  if (concat !== undefined) return concat.some(holdsSource);
  return payload?.field === 'saddr' && ['ip', 'ip6', 'ether'].includes(payload.protocol ?? '');
}

/** `ct state invalid`: no connection, so no mark. */
function isWithoutConnection({ op, left, right }: MatchBody): boolean {
  const { ct } = (left ?? {}) as { ct?: { key?: string } };
  return (op === '==' || op === 'in') && ct?.key === 'state' && [right].flat().join() === 'invalid';
}

const watching = new Set([
  'match',
  'counter',
  'log',
  'comment',
  'limit',
  'quota',
  'set',
  'meter',
  'last',
  'ct count',
]);

function verdictOf(expressions: readonly Json[]): RuleEffect['verdict'] {
  const [kind, body] = expressions
    .flatMap((expression) => Object.entries(expression))
    .find(([name]) => !watching.has(name)) ?? ['none'];
  switch (kind) {
    case 'none':
    case 'accept':
    case 'return':
    case 'goto':
      return kind;
    case 'jump':
      return { jump: (body as { target: string }).target };
    default:
      // drop, reject, and whatever is not known here.
      return 'refuse';
  }
}
