import { readText } from './files.ts';

/*
 * A clock that cannot be set, and that counts while the host sleeps: the first number of /proc/uptime is CLOCK_BOOTTIME
 * (proc(5)). It begins again at each boot, which has a number of its own (random(4)).
 */

/** Differs for each boot of the host. */
export function bootId(): string {
  return readText('/proc/sys/kernel/random/boot_id')?.trim() ?? 'unknown';
}

/** Seconds since boot, with two decimals. */
export function uptime(): number {
  return Number(readText('/proc/uptime')?.split(' ')[0] ?? Number.NaN);
}
