import type { Address } from '../model/address.ts';
import type { Hook, HookedChain } from './hooked-chains.ts';
import type { NoRoute } from './host-facts.ts';
import type { RuleHit } from './walk.ts';

/** A chain that was asked, or a decision of the kernel's own. */
export interface HookStep {
  readonly hook: Hook | 'routing';
  readonly chain: string;
  readonly priority?: number;
  readonly stops: readonly RuleHit[];
  /** Its result, in words. */
  readonly result: string;
}

/** What a base chain decided. */
export interface ChainDecision {
  readonly hook: Hook;
  /** `iptables filter FORWARD`, `inet filter forward`. */
  readonly chain: string;
  readonly words: HookedChain['words'];
  readonly priority: number;
  /** The rule that decided; undefined: the chain's policy. */
  readonly hit?: RuleHit;
}

/** What ends a packet's way: a chain, or the kernel's routing. */
export type Obstacle =
  | ({ readonly kind: 'chain'; readonly verdict: 'dropped' | 'rejected' } & ChainDecision)
  | { readonly kind: 'routing'; readonly why: NoRoute; readonly to: Address; readonly input?: string };

export interface Trace {
  readonly stations: readonly HookStep[];
  /** `passed`: it goes out to `to`; `host`: a program of the host's gets it. */
  readonly verdict: 'passed' | 'host' | 'dropped' | 'rejected' | 'unroutable';
  /** Where it ends up: the address, and with the port. */
  readonly destination: Address;
  readonly port: number;
  readonly to: string;
  readonly output?: string;
  /** Where the verdict fell, and the rule that gave it. */
  readonly at?: string;
  readonly by?: string;
  /** Rules that may have matched: with any of them the verdict may be another. */
  readonly doubts: readonly RuleHit[];
  /** What ends its way, in the order of the way: one, or with `traceBeyond()` all. */
  readonly obstacles: readonly Obstacle[];
  /** What translated its destination; undefined: nothing. */
  readonly translatedBy?: ChainDecision;
  /** What excepts it from connection tracking, and so from every translation. */
  readonly untrackedBy?: ChainDecision;
}
