import type { Document, HookCall, Reaction } from '../model/event.ts';
import { exitCodes } from '../model/exit-code.ts';
import { isGuestDriver, uuidIn } from '../model/guest.ts';
import type { Outcome } from '../model/outcome.ts';
import { CommandError, Deferred, messageOf, quoted, UserError } from '../model/problem.ts';
import { noteCall } from '../state/last-hook-call.ts';
import type { LogEntry } from '../system/log-line.ts';
import { onEvent } from './dispatch.ts';

export interface HookResult {
  readonly exitCode: number;
  /** Level `debug` if the event needs no line in the log. */
  readonly entry: LogEntry;
}

/**
 * Handles one hook call, from its arguments to exit code and log line. The exit code is 1 only at `prepare` and `start`
 * of a guest with `on_error = "deny"`, otherwise 0: libvirt kills a guest whose `reconnect` fails.
 */
export async function runHook(
  call: HookCall,
  reaction: Reaction | undefined,
  document: Document,
): Promise<HookResult> {
  const began = performance.now();
  noteCall();
  if (reaction === undefined) {
    return {
      exitCode: exitCodes.done,
      entry: { level: 'debug', message: `${describe(call)}: unknown operation, ignored` },
    };
  }
  let read: Promise<string> | undefined;
  const once: Document = () => {
    read ??= document();
    return read;
  };
  const outcome = await attempt(call, once, () => onEvent(call, reaction, once));
  const milliseconds = Math.round(performance.now() - began);
  return {
    exitCode: outcome.refuse === true && mayRefuse(call) ? exitCodes.failed : exitCodes.done,
    entry: { level: outcome.level, message: `${describe(call)}: ${outcome.message} (${milliseconds} ms)` },
  };
}

async function attempt(call: HookCall, document: Document, action: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await action();
  } catch (error) {
    const stack =
      error instanceof UserError || error instanceof CommandError ? '' : `: a bug: ${(error as Error).stack}`;
    const level = error instanceof Deferred ? 'warn' : 'error';
    return { level, message: messageOf(error) + stack, ...(await refusal(call, document)) };
  }
}

/** Even if the event cannot be handled, the configuration may refuse the start. */
async function refusal(call: HookCall, document: Document): Promise<{ refuse?: true }> {
  const { hook, object } = call;
  if (!isGuestDriver(hook) || !mayRefuse(call)) return {};
  const { deniesStart } = await import('../desired/configuration.ts');
  const uuid = await readUuid(document);
  const guest = { driver: hook, name: object, ...(uuid !== undefined && { uuid }) };
  return (await deniesStart(guest)) ? { refuse: true } : {};
}

/** The UUID in a text that may be no XML at all. */
async function readUuid(document: Document): Promise<string | undefined> {
  try {
    return uuidIn(await document());
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** At any other operation a failure would stop a running guest. */
function mayRefuse({ hook, operation }: HookCall): boolean {
  return isGuestDriver(hook) && (operation === 'prepare' || operation === 'start');
}

/** `qemu guest "web" started`. */
function describe({ hook, object, operation }: HookCall): string {
  if (hook === 'daemon') return `libvirtd ${operation}`;
  return hook === 'network'
    ? `network ${quoted(object)} ${operation}`
    : `${hook} guest ${quoted(object)} ${operation}`;
}
