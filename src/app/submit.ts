import { CommandError, Left, messageOf, UserError } from '../model/problem.ts';
import { startFinisher } from '../system/finisher.ts';
import { LockHeld, withLock } from '../system/lock.ts';
import { answer, enqueue, isWaiting, type Ticket, takeAnswer, waiting } from '../system/queue.ts';
import { recordName } from '../system/records.ts';
import { wantedName } from './backend-choice.ts';
import { type Answer, commit } from './commit.ts';
import { tolerate } from './tolerate.ts';
import { type Converged, guestOf, type Wish } from './wish.ts';

/**
 * Does what an event wants, together with all that waits; or waits until somebody else has done it.
 *
 * @throws Left if others hold the lock for too long: the wish waits in the queue then, and is done after them
 * @throws whatever kept the wish from being done
 */
export function submit(wanted: Wish): Converged {
  const backend = wantedName();
  const wish: Wish = wanted.kind === 'open' && backend !== undefined ? { ...wanted, backend } : wanted;
  let ticket: Ticket | undefined;
  const answered = () => {
    const text = ticket === undefined ? undefined : takeAnswer(ticket);
    return text === undefined ? undefined : (JSON.parse(text) as ToldAnswer);
  };
  const ask = () => {
    ticket ??= tolerate(() => enqueue(recordName(guestOf(wish)), JSON.stringify(wish)));
    return answered();
  };
  let result: ToldAnswer | Answer;
  try {
    result = withLock<ToldAnswer | Answer>(() => answered() ?? work(ticket, wish), ask);
  } catch (error) {
    if (!(error instanceof LockHeld) || ticket === undefined) throw error;
    tolerate(startFinisher);
    throw new Left(`${error.message}: what was to be done waits, and is done as soon as they let go`);
  }
  if (!('failed' in result)) return result;
  throw typeof result.failed === 'string' ? new UserError(result.failed) : result.failed;
}

/** Does what a person wants of several guests at once. */
export function submitAll(wishes: readonly Wish[]): Answer[] {
  return locked(() => commit(wishes));
}

/** Does something with the lock held, and whatever waits, before it and after. */
export function locked<T>(action: () => T): T {
  return withLock(() => {
    drain();
    const result = action();
    if (result instanceof Promise) return result.finally(drain) as T;
    drain();
    return result;
  });
}

/** An answer in a file: of an error only what it says. */
type ToldAnswer = Converged | { readonly failed: string };

function work(own: Ticket | undefined, wish: Wish): Answer {
  const others = waitingWishes();
  const mine = own ?? 'mine';
  const all = own === undefined ? [...others, { ticket: mine, wish }] : others;
  const answers = commitAll(all);
  // It was written down as for everybody; nobody will read it.
  if (own !== undefined) tolerate(() => takeAnswer(own));
  const answer = answers.get(mine) ?? { failed: new Error('the wish was lost on its way through the queue') };
  if (own === undefined && ranOutOfTime(answer))
    tolerate(() => enqueue(recordName(guestOf(wish)), JSON.stringify(wish)));
  if ([...answers.values()].some(ranOutOfTime)) tolerate(startFinisher);
  // What came meanwhile may be of processes that have given up by now.
  for (let round = 0; round < 3 && !('failed' in answer) && isWaiting(); round++) drain();
  return answer;
}

/** Does all that waits, whoever left it. To be called with the lock held. */
function drain(): void {
  if (isWaiting()) commitAll(waitingWishes());
}

interface QueuedWish {
  readonly ticket: Ticket;
  readonly wish: Wish;
}

function commitAll(wishes: readonly QueuedWish[]): Map<Ticket, Answer> {
  const answers = commit(wishes.map(({ wish }) => wish));
  const byTicket = new Map(wishes.map(({ ticket }, index) => [ticket, answers[index] as Answer]));
  for (const { ticket } of wishes) {
    const given = byTicket.get(ticket);
    // Others may have the time that was too short here.
    if (ticket === 'mine' || ranOutOfTime(given)) continue;
    tolerate(() => answer(ticket, JSON.stringify(told(given))));
  }
  return byTicket;
}

function ranOutOfTime(given: Answer | undefined): boolean {
  if (given === undefined || !('failed' in given)) return false;
  const { failed } = given;
  if (!(failed instanceof CommandError)) return false;
  // What is missing is no matter of time.
  return failed.failure.exitCode === undefined && !failed.failure.outcome.startsWith('is not installed');
}

function told(given: Answer | undefined): ToldAnswer | undefined {
  return given !== undefined && 'failed' in given ? { failed: messageOf(given.failed) } : given;
}

/** A file that is no wish is nobody's: it is dropped. */
function waitingWishes(): QueuedWish[] {
  return waiting().flatMap(({ ticket, text }) => {
    try {
      return [{ ticket, wish: JSON.parse(text) as Wish }];
    } catch {
      tolerate(() => answer(ticket, '{"failed":"the wish could not be read"}'));
      return [];
    }
  });
}
