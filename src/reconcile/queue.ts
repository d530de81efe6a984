import { CommandError, Deferred, messageOf, UserError } from '../model/problem.ts';
import { isExhausted } from '../state/failed-elements.ts';
import { readRecord } from '../state/records.ts';
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
import { followHost } from './follow-host.ts';
import { reconcile } from './reconcile.ts';
import { type Answer, type Applied, parseRequest, type Request, renderRequest } from './request.ts';
import { nameOf } from './request-name.ts';
import { setRequestAsideAndTell } from './unreadable.ts';

/**
 * Carries out a request together with all waiting requests, or waits until another process has done it.
 *
 * @throws Deferred if another process holds the lock for too long: the request then stays in the queue
 * @throws the error that made the request fail
 */
export async function submit(request: Request): Promise<Applied> {
  let ticket: Ticket | undefined;
  const answered = () => {
    const text = ticket === undefined ? undefined : takeAnswer(ticket);
    return text === undefined ? undefined : (JSON.parse(text) as WrittenAnswer);
  };
  const ask = () => {
    ticket ??= bestEffort('queueing the request', () =>
      enqueue(nameOf(request), renderRequest(request), true),
    );
    return answered();
  };
  let result: WrittenAnswer | Answer;
  try {
    result = await withLock<WrittenAnswer | Answer | Promise<WrittenAnswer | Answer>>(
      async () => answered() ?? (await work(ticket, request)),
      ask,
    );
  } catch (error) {
    if (!(error instanceof LockHeld) || ticket === undefined) throw error;
    bestEffort('starting guestgate retry', startRetry);
    throw new Deferred(`${error.message}: queued; will be applied when the lock is released`);
  }
  if (!('failed' in result)) return result;
  throw typeof result.failed === 'string' ? new UserError(result.failed) : result.failed;
}

/** Runs an action with the lock held, and carries out all waiting requests before and after it. */
export async function locked<T>(action: () => T | Promise<T>): Promise<T> {
  return withLock<Promise<T>>(async () => {
    bestEffort('removing old answers', removeOldAnswers);
    await followHost();
    await drain();
    try {
      return await action();
    } finally {
      await drain();
    }
  });
}

/** An answer in a file: of an error, only its message. */
type WrittenAnswer = Applied | { readonly failed: string };

interface Queued {
  /** Undefined for this process's own request, if it is not in the queue. */
  readonly ticket: Ticket | undefined;
  readonly request: Request;
}

async function work(ticket: Ticket | undefined, request: Request): Promise<Answer> {
  bestEffort('removing old answers', removeOldAnswers);
  await followHost();
  const waiting = await readQueue();
  const all = ticket === undefined ? [...waiting, { ticket, request }] : waiting;
  const answers = await reconcileQueued(all);
  // The answer to this process's own request was written to a file, too.
  if (ticket !== undefined) bestEffort('taking the answer', () => takeAnswer(ticket));
  const answer = answers.get(ticket) ?? {
    failed: new Error('the request was lost in the queue'),
  };
  if (ticket === undefined && isToBeRetried(request, answer)) {
    bestEffort('queueing the request', () => enqueue(nameOf(request), renderRequest(request), false));
    bestEffort('starting guestgate retry', startRetry);
  }
  // The processes of requests that arrived meanwhile may have given up already.
  for (let round = 0; round < 3 && !('failed' in answer) && isWaiting(); round++) await drain();
  return answer;
}

/** Carries out all waiting requests. Needs the lock. */
async function drain(): Promise<void> {
  if (isWaiting()) await reconcileQueued(await readQueue());
}

async function reconcileQueued(all: readonly Queued[]): Promise<Map<Ticket | undefined, Answer>> {
  const { answered } = await reconcile(all.map(({ request }) => request));
  const byRequest = new Map(answered.map(({ request, answer }) => [request, answer]));
  const answers = new Map<Ticket | undefined, Answer>();
  for (const { ticket, request } of all) {
    const answer = byRequest.get(request) ?? { failed: new Error('the request was not answered') };
    answers.set(ticket, answer);
    if (ticket === undefined) continue;
    if (isToBeRetried(request, answer)) bestEffort('starting guestgate retry', startRetry);
    else bestEffort('answering a request', () => leaveAnswer(ticket, JSON.stringify(withMessage(answer))));
  }
  return answers;
}

/**
 * Whether a request stays in the queue. A failed removal is always retried; any other request only if its program timed
 * out, was killed or could not be started.
 */
function isToBeRetried(request: Request, answer: Answer): boolean {
  if (!('failed' in answer)) return false;
  const { failed } = answer;
  if (request.kind === 'remove') return true;
  if (!(failed instanceof CommandError)) return false;
  // Waiting does not install a missing program, and does not make the rules of a guest that was set aside fewer.
  const mayPass = failed.failure.exitCode === undefined && failed.failure.notInstalled !== true;
  return mayPass && !isExhausted(readRecord(nameOf(request)));
}

function withMessage(answer: Answer): WrittenAnswer {
  return 'failed' in answer ? { failed: messageOf(answer.failed) } : answer;
}

/** The waiting requests. One that cannot be read is set aside, and its guest is planned again. */
async function readQueue(): Promise<Queued[]> {
  const found: Queued[] = [];
  for (const { ticket, text } of queued()) {
    const parsed = text === undefined ? undefined : parseRequest(text);
    if (parsed?.kind === 'read') found.push({ ticket, request: parsed.value });
    else {
      const why = parsed?.kind === 'unreadable' ? parsed.why : 'not a regular file';
      await setRequestAsideAndTell(ticket, why);
    }
  }
  return found;
}
