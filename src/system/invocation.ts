import { basename, dirname } from 'node:path';
import { type HookName, isHookName } from '../model/event.ts';

/** How this process was called: what it does, and how long it may take, follow from that. */
export type Invocation =
  /** By libvirt: `args` are object, operation, sub-operation and extra argument (https://libvirt.org/hooks.html). */
  | { readonly kind: 'hook'; readonly hook: HookName; readonly args: readonly string[] }
  /** By one of Xen's vif scripts. */
  | { readonly kind: 'vif'; readonly args: readonly string[] }
  /** By a person or a service. */
  | { readonly kind: 'command'; readonly args: readonly string[] };

/**
 * libvirt starts `/etc/libvirt/hooks/qemu`, or a link in `qemu.d/`, with four arguments: only that name tells which hook
 * it is. xl's scripts have XENBUS_PATH in their environment.
 *
 * @param program the name that the program was called by
 */
export function readInvocation(
  program: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Invocation {
  const hook = hookOf(program);
  if (hook !== undefined)
    return asksForReplay(args)
      ? { kind: 'command', args: ['replay', ...args.slice(1)] }
      : { kind: 'hook', hook, args };
  return args[0] === 'vif' && environment['XENBUS_PATH'] !== undefined
    ? { kind: 'vif', args: args.slice(1) }
    : { kind: 'command', args };
}

function hookOf(program: string): HookName | undefined {
  const name = basename(program);
  if (isHookName(name)) return name;
  const folder = basename(dirname(program)).replace(/\.d$/, '');
  return isHookName(folder) && dirname(program).endsWith('.d') ? folder : undefined;
}

/** `--replay [GUEST...]`; a guest may have that name, too, but for a guest libvirt always passes `begin` or `end`. */
function asksForReplay(args: readonly string[]): boolean {
  const fromLibvirt = args.length === 4 && (args[2] === 'begin' || args[2] === 'end');
  return args[0] === '--replay' && !fromLibvirt;
}

/** The compiled program has its own name in argv0; under Node.js the first argument is the script's. */
const isCompiled = process.argv[1]?.startsWith('/$bunfs/') === true;

/** The invocation of this process. */
export const invocation = readInvocation(
  isCompiled ? process.argv0 : (process.argv[1] ?? ''),
  process.argv.slice(2),
  process.env,
);
