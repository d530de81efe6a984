import { type Fault, failure, isSame } from '../model/finding.ts';
import { stateFiles } from '../model/state-files.ts';
import { backendInUse } from '../reconcile/backend-choice.ts';
import { headRuleStates, obstaclesAbove } from '../reconcile/head-rules.ts';
import { readHostState } from '../state/host-state.ts';
import { addToTally } from '../state/tally.ts';
import { pause } from '../system/pause.ts';
import { afterRepair, type Backoff, noBackoff, timeToWait } from './backoff.ts';
import { withParent } from './changers.ts';
import { mayHaveDrifted, mayHaveLostRules, repairDrift } from './drift.ts';
import { monitorRuleset, type RulesetChanges } from './monitor.ts';
import type { Changer } from './monitor-line.ts';
import type { Turns } from './turns.ts';
import type { Report } from './watch-event.ts';

/** A change comes in several transactions, one after the other: how long to wait for the last, in milliseconds. */
const settling = 40;

/** A look may take one part in so many of the time: frequent changes must not cost all of a processor. */
const share = { look: 5, closeLook: 5 };

/** Repairs what other programs remove or move behind their own rules, which no hook reports. */
export async function watchRuleset(signal: AbortSignal, turns: Turns, report: Report): Promise<void> {
  const monitor = monitorRuleset(signal);
  const watcher = new Watcher(signal, turns, report);
  // Changes from before the start need one close look.
  let ours = true;
  try {
    for (;;) {
      await monitor.next(ours ? watcher.untilCloseLook() : undefined);
      if (signal.aborted) return;
      await pause(settling, signal);
      const changes = monitor.take();
      ours = await watcher.look({ ...changes, ours: ours || changes.ours });
    }
  } finally {
    monitor.stop();
  }
}

class Watcher {
  private readonly signal: AbortSignal;
  private readonly turns: Turns;
  private readonly report: Report;
  private backoff: Backoff = noBackoff;
  private closeLookAt = 0;
  private lastFaults: readonly Fault[] = [];
  private changer: Changer | undefined;

  constructor(signal: AbortSignal, turns: Turns, report: Report) {
    this.signal = signal;
    this.turns = turns;
    this.report = report;
  }

  /** In milliseconds. */
  untilCloseLook(): number {
    return Math.max(0, this.closeLookAt - performance.now());
  }

  /** @returns whether a close look is still due */
  async look({ ours, changer }: RulesetChanges): Promise<boolean> {
    this.changer = changer ?? this.changer;
    const began = performance.now();
    try {
      if (await mayHaveDrifted()) {
        await this.repair(false);
        return ours;
      }
      if (!ours) return false;
      if (this.untilCloseLook() > 0) return true;
      return await this.lookClosely();
    } catch (error) {
      await this.failed([failure('kernel', error)]);
      await pause(1000, this.signal);
      return true;
    } finally {
      await pause((performance.now() - began) * (share.look - 1), this.signal);
    }
  }

  /** A hook may be half-way between its record and the kernel: two looks find the same before the lock is taken. */
  private async lookClosely(): Promise<boolean> {
    const began = performance.now();
    let incomplete = await mayHaveLostRules();
    if (incomplete) {
      await pause(100, this.signal);
      incomplete = await mayHaveLostRules();
    }
    const ended = performance.now();
    this.closeLookAt = ended + (ended - began) * share.closeLook;
    if (incomplete) await this.repair(true);
    return false;
  }

  /** Reports and counts only what was found, and repaired, with the lock held. */
  private async repair(closely: boolean): Promise<void> {
    await pause(timeToWait(this.backoff, performance.now()), this.signal);
    if (this.signal.aborted) return;
    const began = performance.now();
    const reverted = afterRepair(this.backoff, began).wait > 0;
    // The rules that another program put above guestgate's: the repair moves them below.
    const above = reverted ? obstaclesAbove(await headRuleStates(await backendInUse(readHostState()))) : [];
    const repair = await this.turns.take(() => repairDrift(closely));
    if (repair === undefined) return;
    const ended = performance.now();
    const before = this.backoff;
    this.backoff = afterRepair(before, ended);
    if (repair.problems.length > 0) return this.failed(repair.problems);
    this.lastFaults = [];
    addToTally(stateFiles.repairs);
    const changer = this.changer === undefined ? {} : { changer: withParent(this.changer) };
    this.changer = undefined;
    const { wait } = this.backoff;
    if (wait === 0)
      await this.report({ kind: 'repaired', repair, ...changer, milliseconds: Math.round(ended - began) });
    else if (wait > before.wait) await this.report({ kind: 'backed-off', repair, ...changer, above, wait });
  }

  /** Reports a failure that repeats once. */
  private async failed(faults: readonly Fault[]): Promise<void> {
    if (isSame(faults, this.lastFaults)) return;
    this.lastFaults = faults;
    await this.report({ kind: 'failed', faults });
  }
}
