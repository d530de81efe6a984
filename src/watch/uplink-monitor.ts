import { pause } from '../system/pause.ts';
import { type Following, followLines } from '../system/run-lines.ts';

/** Notices when links, addresses or routes of the host may have changed. */
export interface UplinkMonitor {
  /** Waits for a change, or for the next look by the clock. */
  readonly next: () => Promise<void>;
  readonly stop: () => void;
}

/** How long before ip is started again if it has ended, and between looks without any reported change, in milliseconds. */
const [restartAfter, restless] = [5000, 5000];

/**
 * Follows `ip monitor` (ip-monitor(8)), which reports every change of links, addresses and routes. What changed is not read
 * from its lines: the host is looked at as a whole. A host without ip is looked at by the clock.
 */
export function monitorUplinks(signal: AbortSignal): UplinkMonitor {
  let heard = true;
  let monitor: Following | undefined;
  let waiting = new AbortController();
  const hear = () => {
    heard = true;
    waiting.abort();
  };
  const listen = () => {
    const args = ['monitor', 'link', 'address', 'route'];
    monitor = followLines({ program: 'ip', args }, hear, () => {
      monitor = undefined;
      setTimeout(() => {
        if (signal.aborted) return;
        listen();
        hear();
      }, restartAfter).unref();
    });
  };
  listen();
  return {
    next: async () => {
      if (!heard) {
        waiting = new AbortController();
        await pause(restless, AbortSignal.any([signal, waiting.signal]));
      }
      heard = false;
    },
    stop: () => monitor?.stop(),
  };
}
