import { families } from '../model/address.ts';
import { hasLegacyTable, hasProgram } from '../system/host.ts';
import { type Following, followLines } from '../system/run-lines.ts';
import { followOwnPrograms } from './changers.ts';
import { type Changer, readMonitorLine } from './monitor-line.ts';

/** What is known of changes since it was last asked. */
export interface RulesetChanges {
  /** Something may have been taken out of our own table. */
  readonly ours: boolean;
  /** Who changed something last, other than this process. */
  readonly changer?: Changer;
}

/** Tells when the ruleset may have changed. */
export interface Monitor {
  /** Waits for a change, or for what has to be looked at by the clock; so many milliseconds at most. */
  readonly next: (longest?: number) => Promise<void>;
  /** What there was since the last call. */
  readonly take: () => RulesetChanges;
  readonly stop: () => void;
}

/** The tables of iptables-legacy tell nobody of their changes: how often they are looked at, in milliseconds. */
const pollEvery = 500;

/** How long before nft is started again if it has ended, in milliseconds. */
const restartAfter = 5000;

/** Looks even where nothing was heard, in milliseconds: nobody is to rely on ears alone. */
const restless = 60_000;

/** Follows `nft monitor`, which tells of every change of nftables and of iptables-nft; iptables-legacy is polled. */
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
        // What happens until it runs again is not heard: all is looked at then. A host without nft is looked at by the clock.
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
      const signs = { ours, ...(changer !== undefined && { changer }) };
      [ours, changer] = [false, undefined];
      return signs;
    },
    stop: () => {
      clearInterval(clock);
      monitor?.stop();
      own.stop();
    },
  };
}
