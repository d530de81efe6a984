import { CommandError, Deferred, messageOf, UserError } from '../model/problem.ts';
import {
  enqueue,
  isWaiting,
  answer as leaveAnswer,
  queued,
  removeOldAnswers,
  type Ticket,
  takeAnswer,
} from '../state/request-files.ts';
import { startRetry } from '../state/retry-process.ts';
import { bestEffort } from '../system/best-effort.ts';
import { LockHeld, withLock } from '../system/lock.ts';
import { nameOf, reconcile } from './reconcile.ts';
import { type Answer, type Applied, parseRequest, type Request, renderRequest } from './request.ts';
import { setRequestAsideAndTell } from './unreadable.ts';

/**
 * Carries out a request, together with all that waits; or waits until another process has done it.
 *
 * @throws Deferred if others hold the lock for too long: the request waits in the queue then, and is done after them
 * @throws whatever kept the request from being done
 */
export async function submit(request: Request): Promise<Applied> {
  let ticket: Ticket | undefined;
  const answered = () => {
    const text = ticket === undefined ? undefined : takeAnswer(ticket);
    return text === undefined ? undefined : (JSON.parse(text) as ToldAnswer);
  };
  const ask = () => {
    ticket ??= bestEffort('queueing the request', () =>
      enqueue(nameOf(request), renderRequest(request), true),
    );
    return answered();
  };
  let result: ToldAnswer | Answer;
  try {
    result = await withLock<ToldAnswer | Answer | Promise<ToldAnswer | Answer>>(
      async () => answered() ?? (await work(ticket, request)),
      ask,
    );
  } catch (error) {
    if (!(error instanceof LockHeld) || ticket === undefined) throw error;
    bestEffort('starting guestgate retry', startRetry);
    throw new Deferred(`${error.message}: what was to be done waits, and is done as soon as they let go`);
  }
  if (!('failed' in result)) return result;
  throw typeof result.failed === 'string' ? new UserError(result.failed) : result.failed;
}

/** Does something with the lock held, and whatever waits, before it and after. */
export async function locked<T>(action: () => T | Promise<T>): Promise<T> {
  return withLock<Promise<T>>(async () => {
    bestEffort('removing old answers', removeOldAnswers);
    await drain();
    try {
      return await action();
    } finally {
      await drain();
    }
  });
}

/** An answer in a file: of an error only what it says. */
type ToldAnswer = Applied | { readonly failed: string };

interface Queued {
  /** Undefined: this process's own, which it did not have to write down. */
  readonly ticket: Ticket | undefined;
  readonly request: Request;
}

async function work(own: Ticket | undefined, request: Request): Promise<Answer> {
  bestEffort('removing old answers', removeOldAnswers);
  const waiting = await readQueue();
  const all = own === undefined ? [...waiting, { ticket: undefined, request }] : waiting;
  const answers = await carryOut(all);
  // It was written down as for everyone; this process has the answer already.
  if (own !== undefined) bestEffort('taking the answer', () => takeAnswer(own));
  const answer = answers.get(own) ?? {
    failed: new Error('the request was lost on its way through the queue'),
  };
  if (own === undefined && isToBeRetried(request, answer)) {
    bestEffort('queueing the request', () => enqueue(nameOf(request), renderRequest(request), false));
    bestEffort('starting guestgate retry', startRetry);
  }
  // What came meanwhile may be of processes that have given up by now.
  for (let round = 0; round < 3 && !('failed' in answer) && isWaiting(); round++) await drain();
  return answer;
}

/** Does all that waits, whoever left it. To be called with the lock held. */
async function drain(): Promise<void> {
  if (isWaiting()) await carryOut(await readQueue());
}

async function carryOut(all: readonly Queued[]): Promise<Map<Ticket | undefined, Answer>> {
  const { answered } = await reconcile(all.map(({ request }) => request));
  const byRequest = new Map(answered.map((one) => [one.request, one.answer]));
  const answers = new Map<Ticket | undefined, Answer>();
  for (const { ticket, request } of all) {
    const answer = byRequest.get(request) ?? { failed: new Error('the request was not answered') };
    answers.set(ticket, answer);
    if (ticket === undefined) continue;
    if (isToBeRetried(request, answer)) bestEffort('starting guestgate retry', startRetry);
    else bestEffort('answering a request', () => leaveAnswer(ticket, JSON.stringify(told(answer))));
  }
  return answers;
}

/**
 * Whether a request stays in the queue: others may have the time that was too short here, and a removal that failed is
 * tried until it is done, whatever the reason was.
 */
function isToBeRetried(request: Request, answer: Answer): boolean {
  if (!('failed' in answer)) return false;
  const { failed } = answer;
  if (request.kind === 'remove') return true;
  if (!(failed instanceof CommandError)) return false;
  // What is not installed does not come with time.
  return failed.failure.exitCode === undefined && failed.failure.notInstalled !== true;
}

function told(answer: Answer): ToldAnswer {
  return 'failed' in answer ? { failed: messageOf(answer.failed) } : answer;
}

/** The requests that wait. One that cannot be read is set aside, and its guest planned again. */
async function readQueue(): Promise<Queued[]> {
  const found: Queued[] = [];
  for (const { ticket, text } of queued()) {
    const read = text === undefined ? undefined : parseRequest(text);
    if (read?.kind === 'read') found.push({ ticket, request: read.value });
    else {
      const why = read?.kind === 'unreadable' ? read.why : 'it is no regular file';
      await setRequestAsideAndTell(ticket, why);
    }
  }
  return found;
}
