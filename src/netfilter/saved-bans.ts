import { contains, parseNetwork } from '../model/address.ts';
import type { ChainReader, RuleEffect } from './bans.ts';
import { type SavedRule, type SavedTable, wordsOf } from './iptables-save.ts';
import { type Match, type ParsedRule, parseRule, watching } from './saved-rule.ts';

/** The guests' side: what comes from there is an answer, and a rule that refuses it blocks forwards. */
export interface GuestSide {
  /** The host's own addresses on guest networks. */
  readonly gateways: readonly string[];
  readonly bridges: readonly string[];
}

/** Chains of iptables, from `iptables-save`. @param isOurs whether a rule jumps to guestgate's chain */
export function savedChains(
  table: SavedTable | undefined,
  isOurs: (target: string) => boolean,
  guests: GuestSide,
): ChainReader {
  return (name) => table?.chains.get(name)?.rules.map((rule) => effectOf(rule, isOurs, guests));
}

function effectOf(rule: SavedRule, isOurs: (target: string) => boolean, guests: GuestSide): RuleEffect {
  const parsed = parseRule(rule);
  return {
    text: rule.text,
    isOurs: parsed.matches.length === 0 && isOurs(parsed.target?.name ?? ''),
    namesSources: parsed.matches.some(isSource) && !isFromGuests(parsed, guests),
    sparesOurs: parsed.matches.some(isWithoutConnection),
    verdict: verdictOf(parsed),
  };
}

/** Whether a rule, as iptables or nft lists it, matches only sources that it names. */
export function namesSources(text: string): boolean {
  if (text.startsWith('-A '))
    return parseRule({ text, words: wordsOf(text).slice(2) }).matches.some(isSource);
  return /\bsaddr (?!!=)/.test(text) && !/\bsaddr( \. \S+( \S+)?)* !=/.test(text);
}

/** iptables(8) and iptables-extensions(8): the options that name sources, alone or in a set. */
function isSource({ module, option, words, negated }: Match): boolean {
  if (negated) return false;
  switch (option) {
    case '-s':
      return true;
    case '--match-set':
      return words[1]?.split(',').includes('src') === true;
    case '--src-range':
    case '--source-country':
    case '--src-cc':
    case '--mac-source':
      return true;
    default:
      // A list of addresses that the kernel keeps; --rdest lists destinations.
      return module === 'recent' && (option === '--rcheck' || option === '--update');
  }
}

/** What no host has as its address, and the kernel does not route (RFC 6890). */
const martians = ['0.0.0.0/8', '127.0.0.0/8', '224.0.0.0/4', '240.0.0.0/4', '::/127', 'ff00::/8'].flatMap(
  (text) => parseNetwork(text) ?? [],
);

/**
 * INVALID: no connection, so no mark. Routing headers of type 0 are not processed (RFC 5095). The address of no host starts
 * no connection.
 */
function isWithoutConnection({ option, words, negated }: Match): boolean {
  if (negated) return false;
  if (option === '-s') return martians.some((network) => contains(network, words[0]?.split('/')[0] ?? ''));
  if (option === '--ctstate' || option === '--state') return words[0] === 'INVALID';
  return option === '--rt-type' && words[0] === '0';
}

function isFromGuests({ matches }: ParsedRule, { gateways, bridges }: GuestSide): boolean {
  const network = parseNetwork(matches.find(({ option }) => option === '-s')?.words[0] ?? '');
  if (network === undefined || !gateways.some((address) => contains(network, address))) return false;
  const from = matches.find(({ option, negated }) => option === '-i' && !negated)?.words[0];
  return from === undefined || bridges.includes(from);
}

function verdictOf({ target }: ParsedRule): RuleEffect['verdict'] {
  if (target === undefined || target.name === 'SET' || watching.has(target.name)) return 'none';
  if (target.goto) return 'goto';
  switch (target.name) {
    case 'ACCEPT':
      return 'accept';
    case 'RETURN':
      return 'return';
    case 'DROP':
    case 'REJECT':
      return 'refuse';
    default:
      // No chain has the name of any other target, such as NFQUEUE: an obstacle.
      return { jump: target.name };
  }
}
