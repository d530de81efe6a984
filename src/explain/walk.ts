import type { SavedChain } from '../netfilter/iptables-save.ts';
import { chainNamed, type ListedChain } from '../netfilter/listed-ruleset.ts';
import { type HookedChain, isSameChain, type Rules, ruleKey } from './hooked-chains.ts';
import { judgeIptablesRule } from './iptables-rule.ts';
import { judgeNftRule } from './nft-rule.ts';
import type { Outcome, Packet, Surroundings } from './packet.ts';

/** A rule that matched, and its chain. */
export interface RuleHit {
  readonly chain: string;
  readonly rule: string;
  readonly did: string;
  /** The rule's handle in nft. */
  readonly handle?: number;
}

/** The result of a chain. */
export interface Walked {
  readonly verdict: 'accept' | 'drop' | 'reject' | 'translated';
  /** The rule that gave it; undefined: the chain's policy. */
  readonly by?: string;
  readonly stops: readonly RuleHit[];
  /** Rules that may have matched; guestgate cannot evaluate them. */
  readonly doubts: readonly RuleHit[];
  /** The rule that excepted the packet from connection tracking. */
  readonly untracked?: RuleHit;
}

/** A rule, in whichever words. */
interface Step {
  readonly text: string;
  readonly handle?: number;
  readonly judge: () => Outcome;
}

/** The chains of one table, by name. */
type StepsOf = (chain: string) => readonly Step[] | undefined;

/** More jumps than this the kernel does not follow either (NFT_JUMP_STACK_SIZE). */
const deepest = 16;

/** Leads a packet through a base chain and what it jumps to. What rules do to the packet is done to it. */
export function walk(hooked: HookedChain, packet: Packet, rules: Rules, surroundings: Surroundings): Walked {
  const stops: RuleHit[] = [];
  const doubts: RuleHit[] = [];
  let untracked: RuleHit | undefined;
  const steps = stepsOf(hooked, packet, rules, surroundings);
  const through = (chain: string, depth: number): Outcome => {
    for (const { text, handle, judge } of depth > deepest ? [] : (steps(chain) ?? [])) {
      const { tracked } = packet;
      const outcome = judge();
      if (outcome.kind === 'next') continue;
      const stop = { chain, rule: text, did: describe(outcome), ...(handle !== undefined && { handle }) };
      if (tracked && !packet.tracked) untracked = stop;
      if (outcome.kind === 'unknown') {
        doubts.push(stop);
        continue;
      }
      stops.push(stop);
      if (outcome.kind === 'return') return outcome;
      if (outcome.kind === 'changed') continue;
      if (outcome.kind !== 'jump' && outcome.kind !== 'goto') return outcome;
      const inner = through(outcome.chain, depth + 1);
      if (inner.kind !== 'next' && inner.kind !== 'return') return inner;
      if (outcome.kind === 'goto') return { kind: 'return' };
    }
    return { kind: 'next' };
  };
  const { kind } = through(hooked.chain.name, 0);
  const found = { stops, doubts, ...(untracked !== undefined && { untracked }) };
  if (kind === 'accept' || kind === 'drop' || kind === 'reject' || kind === 'translated')
    return { verdict: kind, ...withRule(stops), ...found };
  return { verdict: hooked.policy === 'accept' ? 'accept' : 'drop', ...found };
}

function withRule(stops: readonly RuleHit[]): { by?: string } {
  const last = stops.at(-1);
  return last === undefined ? {} : { by: last.rule };
}

function describe(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'jump':
    case 'goto':
      return `${outcome.kind} ${outcome.chain}`;
    case 'translated':
    case 'changed':
      return outcome.what;
    case 'unknown':
      return outcome.why;
    default:
      return outcome.kind;
  }
}

/** A chain in the words of iptables where it tells all of the chain's rules, else in nft's. */
function stepsOf(hooked: HookedChain, packet: Packet, rules: Rules, surroundings: Surroundings): StepsOf {
  const base = hooked.words === 'nft' ? hooked.chain : hooked.listed;
  return (name) => {
    const known = hooked.table?.chains.get(name);
    const listed = base && chainNamed(rules.ruleset, base, name);
    if (known !== undefined && (base === undefined || (listed !== undefined && isSameChain(known, listed))))
      return iptablesSteps(known, packet, surroundings);
    return listed && nftSteps(listed, packet, rules, surroundings);
  };
}

function nftSteps(
  chain: ListedChain,
  packet: Packet,
  { ruleset, texts }: Rules,
  surroundings: Surroundings,
): Step[] {
  return chain.rules.map((rule) => ({
    text: texts.get(ruleKey(chain.family, chain.table, chain.name, rule.handle)) ?? `rule ${rule.handle}`,
    handle: rule.handle,
    judge: () => judgeNftRule(rule, { packet, surroundings, ruleset, chain }),
  }));
}

function iptablesSteps({ rules }: SavedChain, packet: Packet, surroundings: Surroundings): Step[] {
  return rules.map((rule) => ({
    text: rule.text,
    judge: () => judgeIptablesRule(rule, packet, surroundings),
  }));
}
