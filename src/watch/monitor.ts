import { families } from '../model/address.ts';
import { hasLegacyTable, hasProgram } from '../system/host.ts';
import { type Following, followLines } from '../system/run-lines.ts';
import { followOwnPrograms } from './changers.ts';
import { type Changer, readMonitorLine } from './monitor-line.ts';

/** The changes since the last call of `take`. */
export interface RulesetChanges {
  /** A part of guestgate's own table may have been removed. */
  readonly ours: boolean;
  /** The other process that changed the ruleset last. */
  readonly changer?: Changer;
}

/** Notices when the ruleset may have changed. */
export interface Monitor {
  /** Waits for a change, or for the next look by the clock; so many milliseconds at most. */
  readonly next: (longest?: number) => Promise<void>;
  /** The changes since the last call. */
  readonly take: () => RulesetChanges;
  readonly stop: () => void;
}

/** The kernel does not report changes of iptables-legacy's tables: how often to look at them, in milliseconds. */
const pollEvery = 500;

/** How long before nft is started again if it has ended, in milliseconds. */
const restartAfter = 5000;

/** How long to wait before a look without any reported change, in milliseconds: an event may be lost. */
const restless = 60_000;

/** Follows `nft monitor`, which reports every change of nftables and of iptables-nft; iptables-legacy is polled. */
export function monitorRuleset(signal: AbortSignal): Monitor {
  let [ours, heard, oursOfThisChange] = [false, true, false];
  let changer: Changer | undefined;
  let wake = () => {};
  let monitor: Following | undefined;
  let lastLook = performance.now();
  const own = followOwnPrograms();
  const hear = () => {
    heard = true;
    wake();
  };
  const listen = () => {
    monitor = followLines(
      { program: 'nft', args: ['monitor'] },
      (line) => {
        const read = readMonitorLine(line);
        if (read.kind === 'nothing') return;
        hear();
        if (read.kind !== 'by') {
          oursOfThisChange ||= read.kind === 'ours';
          ours ||= read.kind === 'lost';
          return;
        }
        if (own.includes(read.changer)) oursOfThisChange = false;
        else changer = read.changer;
        ours ||= oursOfThisChange;
        oursOfThisChange = false;
      },
      () => {
        monitor = undefined;
        // Changes until it runs again are not reported, so a close look follows. A host without nft is looked at by the clock.
        ours ||= hasProgram('nft');
        setTimeout(again, restartAfter).unref();
      },
    );
  };
  const again = () => {
    if (signal.aborted) return;
    listen();
    hear();
  };
  listen();
  const clock = setInterval(() => {
    const deaf = monitor === undefined || families.some((family) => hasLegacyTable(family, 'filter'));
    if (deaf || performance.now() - lastLook > restless) hear();
  }, pollEvery);
  signal.addEventListener('abort', () => wake());
  return {
    next: async (longest) => {
      if (!heard && !signal.aborted)
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (longest !== undefined) setTimeout(resolve, longest);
        });
      lastLook = performance.now();
      heard = false;
    },
    take: () => {
      const changes = { ours, ...(changer !== undefined && { changer }) };
      [ours, changer] = [false, undefined];
      return changes;
    },
    stop: () => {
      clearInterval(clock);
      monitor?.stop();
      own.stop();
    },
  };
}
