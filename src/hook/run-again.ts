import { reactionTo } from '../../hooks/reactions.ts';
import { lookForLife } from '../desired/running-guests.ts';
import type { Reaction } from '../model/event.ts';
import { isGuestDriver } from '../model/guest.ts';
import { quoted, UserError } from '../model/problem.ts';
import { type HookEvent, readHookEvent } from '../state/hook-events.ts';
import { type HookResult, runHook } from './run-hook.ts';

/**
 * Runs a recorded event again, with the XML that was kept of it: as if libvirt called the hook now.
 *
 * @throws UserError if there is no such event, or it contradicts what runs now
 */
export async function runAgain(number: number): Promise<HookResult> {
  const event = recorded(number);
  const { hook, object, operation, xml } = event;
  const doing = `running event ${number} again`;
  if (hook === 'vif')
    throw new UserError(`${doing}: it came from a script of Xen's (run: guestgate replay ${object})`);
  if (hook === 'local')
    throw new UserError(`${doing}: no hook was called (run: guestgate replay ${quoted(object)})`);
  const reaction = reactionTo(hook, operation);
  const contradiction = contradictionOf(event, reaction);
  if (contradiction !== undefined) throw new UserError(`${doing}: ${contradiction}`);
  return runHook({ hook, object, operation }, reaction, async () => {
    if (xml === undefined) throw new UserError(`${doing}: its XML was not kept (it was too long)`);
    return xml;
  });
}

function recorded(number: number): HookEvent {
  const read = readHookEvent(number);
  if (read.kind === 'read') return read.value;
  const why = read.kind === 'missing' ? 'it is not among the events that are kept' : read.why;
  throw new UserError(`reading event ${number}: ${why} (to list them, run: guestgate events)`);
}

/** An end closes a guest that runs, and a start opens the addresses of one that does not, which another guest may have by now. */
function contradictionOf(
  { hook, object, operation }: HookEvent,
  reaction: Reaction | undefined,
): string | undefined {
  if (hook === 'vif' || hook === 'local' || !isGuestDriver(hook)) return undefined;
  const guest = { driver: hook, name: object };
  const { isLive, isGone } = lookForLife();
  const fix = `guestgate replay ${quoted(object)} makes the rules that it needs now`;
  if (reaction === 'close' && isLive(guest))
    return `guest ${quoted(object)} runs, and ${operation} removes its rules (${fix})`;
  if (reaction !== 'close' && reaction !== 'inspect' && isGone(guest))
    return `guest ${quoted(object)} does not run, and ${operation} adds rules (start it first)`;
  return undefined;
}
