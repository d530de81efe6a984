import type { HookName, ReactionTable } from '../src/model/event.ts';
import { daemon } from './daemon.ts';
import { libxl } from './libxl.ts';
import { lxc } from './lxc.ts';
import { network } from './network.ts';
import { qemu } from './qemu.ts';

/** Each hook's table. */
export const reactions: Readonly<Record<HookName, ReactionTable>> = { qemu, lxc, libxl, network, daemon };
