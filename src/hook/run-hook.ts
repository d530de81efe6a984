import type { Document, HookCall, Reaction } from '../model/event.ts';
import { exitCodes } from '../model/exit-code.ts';
import { isGuestDriver, uuidIn } from '../model/guest.ts';
import type { Outcome } from '../model/outcome.ts';
import { CommandError, Deferred, messageOf, quoted, UserError } from '../model/problem.ts';
import { stateFiles } from '../model/state-files.ts';
import { type HookEvent, writeHookEvent } from '../state/hook-events.ts';
import { noteCall } from '../state/last-hook-call.ts';
import { addToTally } from '../state/tally.ts';
import type { LogEntry } from '../system/log-line.ts';
import { onEvent } from './dispatch.ts';
import { recordedXml } from './recorded-xml.ts';

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
  const number = addToTally(stateFiles.calls);
  if (reaction === undefined) {
    return {
      exitCode: exitCodes.done,
      entry: { level: 'debug', message: `${describe(call)}: unknown operation, ignored` },
    };
  }
  let xml: string | undefined;
  let read: Promise<string> | undefined;
  const once: Document = () => {
    read ??= document().then((text) => {
      xml = text;
      return text;
    });
    return read;
  };
  const outcome = await attempt(call, once, () => onEvent(call, reaction, once));
  const milliseconds = Math.round(performance.now() - began);
  const exitCode = outcome.refuse === true && mayRefuse(call) ? exitCodes.failed : exitCodes.done;
  const { level, message } = outcome;
  record({ ...call, level, message, exitCode, milliseconds }, number, xml);
  return {
    exitCode,
    entry: { level, message: `${describe(call)}: ${message} (${milliseconds} ms)` },
  };
}

/**
 * Keeps the event for `guestgate events`, where anything is kept at all.
 *
 * @param number undefined if there was no state folder when it began
 */
export function record(
  event: Omit<HookEvent, 'number' | 'at' | 'xml'>,
  number: number | undefined = addToTally(stateFiles.calls),
  xml?: string,
): void {
  if (number === undefined) return;
  const at = new Date(Date.now() - event.milliseconds).toISOString();
  const kept = xml === undefined ? undefined : recordedXml(xml);
  writeHookEvent({ number, at, ...event, ...(kept !== undefined && { xml: kept }) });
  if (event.level === 'error') addToTally(stateFiles.failures);
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
