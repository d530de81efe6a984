import { messageOf, UserError } from '../model/problem.ts';
import { rulesAboveOurs } from '../netfilter/rules-above.ts';
import { backendInUse } from '../reconcile/backend-choice.ts';
import { misplacedHeadRules } from '../reconcile/head-rules.ts';
import { readHostState } from '../state/host-state.ts';
import { becomeWatcher } from '../state/watch-process.ts';
import type { LogEntry } from '../system/log-line.ts';
import { afterRepair, type Backoff, noBackoff, timeToWait } from './backoff.ts';
import { describeChanger } from './changers.ts';
import { mayHaveDrifted, mayHaveLostRules, repairDrift } from './damage.ts';
import { monitorRuleset, type RulesetChanges } from './monitor.ts';
import type { Changer } from './monitor-line.ts';

/** A change comes in several transactions, one after the other: how long to let them, in milliseconds. */
const settling = 40;

/** A look may take one part in so many of the time: what changes all day must not cost all day. */
const share = { look: 5, closeLook: 5 };

/**
 * Watches the ruleset, and puts back what others take away or push down: what no hook tells of. Says nothing while all
 * is well, one line for a repair, and who it was where that goes on and on.
 *
 * @param signal ends it
 * @param tell what is to be said
 * @throws UserError if another one runs on this host
 */
export async function watch(signal: AbortSignal, tell: (entry: LogEntry) => Promise<void>): Promise<void> {
  const release = becomeWatcher();
  if (release === undefined) throw new UserError('watching: another guestgate watch runs on this host');
  const lookout = monitorRuleset(signal);
  const keeper = new Watcher(signal, tell);
  // What happened before anybody watched is looked for once.
  let ours = true;
  try {
    for (;;) {
      await lookout.next(ours ? keeper.untilCloseLook() : undefined);
      if (signal.aborted) return;
      await pause(settling, signal);
      const signs = lookout.take();
      ours = await keeper.look({ ...signs, ours: ours || signs.ours });
    }
  } finally {
    lookout.stop();
    release();
  }
}

class Watcher {
  private readonly signal: AbortSignal;
  private readonly tell: (entry: LogEntry) => Promise<void>;
  private pace: Backoff = noBackoff;
  private closeLookAt = 0;
  private lastFailure = '';
  private changer: Changer | undefined;

  constructor(signal: AbortSignal, tell: (entry: LogEntry) => Promise<void>) {
    this.signal = signal;
    this.tell = tell;
  }

  /** In milliseconds. */
  untilCloseLook(): number {
    return Math.max(0, this.closeLookAt - performance.now());
  }

  /** @returns whether a closer look is still owed */
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
      await this.failed(messageOf(error));
      await pause(1000, this.signal);
      return true;
    } finally {
      await pause((performance.now() - began) * (share.look - 1), this.signal);
    }
  }

  /** A hook may be half-way between its record and the kernel: what is missing is looked for twice before the lock is taken. */
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

  /** Says and counts only what was found, and repaired, with the lock held. */
  private async repair(closely: boolean): Promise<void> {
    await pause(timeToWait(this.pace, performance.now()), this.signal);
    if (this.signal.aborted) return;
    const began = performance.now();
    const fought = afterRepair(this.pace, began).wait > 0;
    const above = fought ? misplacedHeadRules(await backendInUse(readHostState())).map(describePlace) : [];
    const found = await repairDrift(closely);
    if (found === undefined) return;
    const ended = performance.now();
    const before = this.pace;
    this.pace = afterRepair(before, ended);
    if (found.problem !== undefined) return this.failed(found.problem);
    this.lastFailure = '';
    const by = this.changer === undefined ? '' : `, last changed by ${describeChanger(this.changer)}`;
    this.changer = undefined;
    if (this.pace.wait === 0) {
      const time = `${Math.round(ended - began)} ms`;
      await this.tell({ level: 'info', message: `watch: ${found.what}${by}: put back (${time})` });
    } else if (this.pace.wait > before.wait) {
      const next = `put back again, from now on at most every ${this.pace.wait / 1000} s`;
      const message = ['watch: somebody keeps undoing what is ours', `${found.what}${by}`, ...above, next];
      await this.tell({ level: 'warn', message: message.join('; ') });
    }
  }

  /** The same failure is told once. */
  private async failed(problem: string): Promise<void> {
    if (problem === this.lastFailure) return;
    this.lastFailure = problem;
    await this.tell({ level: 'error', message: `watch: ${problem}` });
  }
}

/** What stands above our accept: that is whom to talk to. */
function describePlace(place: string): string {
  const above = rulesAboveOurs(place);
  if (above.length === 0) return `in ${place} nothing stands above it now`;
  const more = above.length > 3 ? ` and ${above.length - 3} more` : '';
  return `in ${place} above it: ${above.slice(0, 3).join(' | ')}${more}`;
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds <= 0 || signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done);
  });
}
