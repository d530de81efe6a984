import type { BackendName } from '../model/backend-name.ts';
import type { Fault, Finding } from '../model/finding.ts';
import type { Repair } from './drift.ts';
import type { Changer } from './monitor-line.ts';

/** A program that changed the ruleset. */
export interface ChangingProgram extends Changer {
  /** The name of the process that started it, if both still exist. */
  readonly parent?: string;
}

/** A foreign chain, and the rules above guestgate's accept rule in it. */
export interface RulesAbove {
  readonly chain: string;
  readonly rules: readonly string[];
}

/** What the watcher reports. */
export type WatchEvent =
  | {
      readonly kind: 'repaired';
      readonly repair: Repair;
      /** The program that changed the ruleset last. */
      readonly changer?: ChangingProgram;
      /** How long the repair took. */
      readonly milliseconds: number;
    }
  /** Another program reverts the rules again and again: from now on there is at most one repair in so many milliseconds. */
  | {
      readonly kind: 'backed-off';
      readonly repair: Repair;
      readonly changer?: ChangingProgram;
      readonly above: readonly RulesAbove[];
      readonly wait: number;
    }
  /** The watcher removed rules of a saved ruleset when it began, or changed those for absent guests. */
  | { readonly kind: 'started'; readonly removed: readonly BackendName[]; readonly absent: boolean }
  | { readonly kind: 'failed'; readonly faults: readonly Fault[] }
  /** Changed configuration files were applied; `to` names the guests and networks. */
  | { readonly kind: 'applied'; readonly to: readonly string[]; readonly findings: readonly Finding[] }
  /** Changed configuration files hold mistakes, and were not applied. */
  | { readonly kind: 'mistakes'; readonly findings: readonly Finding[] };

export type Report = (event: WatchEvent) => Promise<void>;
