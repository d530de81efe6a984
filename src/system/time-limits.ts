import { type Invocation, invocation } from './invocation.ts';

/*
 * How long parts of a run may take, in milliseconds. libvirt waits for its hooks: a hook ends within 10 s, whatever hangs.
 * Everything that waits or runs a program asks `timeLeft()`. After 8 s each further program gets half a second, so that
 * a hook still removes what it can.
 */

/**
 * How long a program may take before it is killed, and when everything must be done since this process began. Xen ends a vif
 * script after 40 s, and other guests may wait for the script lock behind this one.
 */
const limits: Readonly<Record<Invocation['kind'], { readonly program: number; readonly all: number }>> = {
  hook: { program: 3000, all: 8000 },
  vif: { program: 8000, all: 12_000 },
  command: { program: 3000, all: Number.POSITIVE_INFINITY },
};

const { program, all } = limits[invocation.kind];

/** How long a program may take. */
export const programLimit = program;

/** How long to wait for the lock of all changes. */
export const lockLimit = 6000;

/** How long to wait for the document on stdin: for more of it, and for all of it. libvirt writes it in one go. */
export const documentLimits = { more: 2000, all: 4000 };

/** How long to wait for a result that another process is about to write down. */
export const singleFlightLimit = 3000;

/** The part of a wanted time that is left, in whole milliseconds; at least half a second. */
export function timeLeft(wanted: number): number {
  return Math.round(Math.max(500, Math.min(wanted, all - performance.now())));
}
