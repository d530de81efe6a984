import type { LocalGuest } from '../model/local-guest.ts';
import { objectionToName } from '../model/local-guest.ts';
import type { Outcome } from '../model/outcome.ts';
import { CommandError, messageOf, quoted, UserError } from '../model/problem.ts';
import { readLocalGuest } from '../state/local-guests.ts';
import { askIp } from '../system/ask-ip.ts';
import { run } from '../system/run.ts';
import { processStart } from '../system/witness.ts';
import { localDown, localUp } from './local-event.ts';
import { type ListedInterface, type LxcCall, nicsOf } from './lxc-call.ts';

/** What became of a call, for the log and the exit code. */
export interface LxcOutcome extends Outcome {
  /** `LXC container "web" started`. */
  readonly subject: string;
}

/** Handles one call of LXC's hook. Whatever goes wrong, only `on_error = "deny"` refuses a container. */
export async function onLxcCall(call: LxcCall): Promise<LxcOutcome> {
  if (call.kind === 'nothing') return { subject: 'LXC', level: 'debug', message: 'nothing to do' };
  const { name } = call;
  const subject = `LXC container ${quoted(name)} ${call.kind === 'up' ? 'started' : 'stopped'}`;
  try {
    const objection = objectionToName(name) ?? otherKind(name);
    if (objection !== undefined) return { subject, level: 'error', message: `ignored: ${objection}` };
    const outcome = call.kind === 'up' ? await localUp(containerOf(name, call.pid)) : await localDown(name);
    return { subject, ...outcome };
  } catch (error) {
    if (!(error instanceof UserError) && !(error instanceof CommandError)) throw error;
    const refuse = call.kind === 'up' && (await isDenied(name));
    return { subject, level: 'error', message: messageOf(error), ...(refuse && { refuse }) };
  }
}

/** A namespace of guestgate's is removed by its own command. */
function otherKind(name: string): string | undefined {
  return readLocalGuest(name)?.kind === 'netns' ? 'a network namespace of guestgate has its name' : undefined;
}

/** LXC has made the container's interfaces by then, and given them the addresses of its configuration. */
function containerOf(name: string, pid: number): LocalGuest {
  const doing = `reading the interfaces of the LXC container ${quoted(name)}`;
  const started = processStart(pid);
  if (started === undefined) throw new UserError(`${doing}: its process ${pid} has ended`);
  const interfaces = (before: readonly string[]) =>
    askIp<ListedInterface>(['addr', 'show'], ({ program, args }) => {
      const [first = program, ...rest] = [...before, program, ...args];
      return run({ program: first, args: rest }, doing);
    });
  const nics = nicsOf(interfaces(['nsenter', '-t', String(pid), '-n']), interfaces([]));
  return {
    kind: 'lxc',
    guest: { driver: 'local', name, nics },
    witness: { process: { pid, started } },
  };
}

async function isDenied(name: string): Promise<boolean> {
  const { deniesStart } = await import('../desired/configuration.ts');
  return deniesStart({ driver: 'local', name });
}
