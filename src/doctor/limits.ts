import { running } from '../libvirt/hook-files.ts';
import { readText } from '../system/files.ts';
import type { Check, HostFinding } from './check.ts';

/*
 * A hook inherits the limits of the daemon that calls it. Below these its JavaScript engine ends with a signal before
 * guestgate runs, so that no hook can report it. Measured with `qemu web started` and 10 forwards: 373 MiB of
 * address space, 269 MiB of data, 160 KiB of stack, 14 descriptors. RLIMIT_NPROC does not hold for root (setrlimit(2)).
 */

interface Limit {
  /** As /proc/PID/limits and systemd.exec(5) have it, and `prlimit --OPTION`. */
  readonly name: string;
  readonly directive: string;
  readonly option: string;
  readonly least: number;
  readonly shown: string;
}

const limits: readonly Limit[] = [
  {
    name: 'Max address space',
    directive: 'LimitAS',
    option: 'as',
    least: 512 * 2 ** 20,
    shown: '512 MiB of address space',
  },
  {
    name: 'Max data size',
    directive: 'LimitDATA',
    option: 'data',
    least: 384 * 2 ** 20,
    shown: '384 MiB of data',
  },
  {
    name: 'Max stack size',
    directive: 'LimitSTACK',
    option: 'stack',
    least: 256 * 2 ** 10,
    shown: '256 KiB of stack',
  },
  {
    name: 'Max open files',
    directive: 'LimitNOFILE',
    option: 'nofile',
    least: 32,
    shown: '32 file descriptors',
  },
];

/** A daemon that calls hooks, and its /proc/PID/limits. */
export interface Limited {
  readonly name: string;
  readonly pid: number;
  readonly limits: string;
}

/** Whether a hook can run within its daemon's limits. A process without /proc/PID/limits has ended. */
export function judgeLimits(daemons: readonly Limited[]): HostFinding[] {
  return daemons.flatMap(({ name, pid, limits: text }) =>
    limits.flatMap((limit): HostFinding[] => {
      const [soft, hard] = valuesOf(text, limit.name);
      if (soft === undefined || soft >= limit.least) return [];
      // Behind the colon, the hard limit: as it is, if it lets the other one rise.
      const kept = hard === undefined || hard >= limit.least ? ':' : '';
      return [
        {
          severity: 'everything',
          subject: `${name} (process ${pid})`,
          problem: `it has a limit of ${soft} for "${limit.name}", which its hooks inherit: guestgate needs at least ${limit.shown}, and a signal ends it below that`,
          advice: `to make it last, set ${limit.directive}= in the unit of ${name}, too`,
          fix: `prlimit --pid ${pid} --${limit.option}=${limit.least}${kept}`,
        },
      ];
    }),
  );
}

/** Soft and hard limit, in bytes or descriptors; undefined: unlimited, or not listed. */
function valuesOf(text: string, name: string): (number | undefined)[] {
  const line = text.split('\n').find((one) => one.startsWith(`${name} `)) ?? '';
  const [soft = '', hard = ''] = line.slice(name.length).trim().split(/\s+/);
  return [soft, hard].map((value) => (/^\d+$/.test(value) ? Number(value) : undefined));
}

/** The daemons that call hooks for guests. */
const callers = ['libvirtd', 'virtqemud', 'virtlxcd', 'virtxend'];

export const daemonLimits: Check = () =>
  judgeLimits(
    running(callers).map(({ name, pid }) => ({ name, pid, limits: readText(`/proc/${pid}/limits`) ?? '' })),
  );
