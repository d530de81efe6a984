import type { HookName, Reaction, ReactionTable } from '../src/model/event.ts';
import { daemon } from './daemon.ts';
import { libxl } from './libxl.ts';
import { lxc } from './lxc.ts';
import { network } from './network.ts';
import { qemu } from './qemu.ts';

const tables: Readonly<Record<HookName, ReactionTable>> = { qemu, lxc, libxl, network, daemon };

/** What guestgate does at an operation of a hook; undefined if this version does not know the operation. */
export function reactionTo(hook: HookName, operation: string): Reaction | undefined {
  return Object.hasOwn(tables[hook], operation) ? tables[hook][operation] : undefined;
}
