import { closeSync } from 'node:fs';
import { stateFiles } from '../model/state-files.ts';
import { readApplied } from '../state/configuration-copy.ts';
import { isDue, isRescue, markRestored, readPending } from '../state/pending-change.ts';
import { restoreConfiguration } from '../state/restore-configuration.ts';
import { startRollBackAside } from '../state/roll-back-process.ts';
import { bestEffort } from '../system/best-effort.ts';
import { makeState } from '../system/files.ts';
import { takeIfFree } from '../system/lock.ts';
import { sleep } from '../system/sleep.ts';

/** How long an event waits while another process restores the files, and between two looks, in milliseconds. */
const patience = 2000;
const nap = 20;

/**
 * Restores the configuration files of a change that was not confirmed in time, so that no guest starts with it, and starts the
 * process that does the rest. While a change waits, it starts that process again if it has ended.
 */
export function rollBackFirst(): void {
  const state = readPending();
  if (state === undefined) return;
  if (state.stage === 'waiting' && isDue(state) && !isRescue(state))
    bestEffort('restoring the configuration', restoreFiles);
  bestEffort('starting the rollback', startRollBackAside);
}

function restoreFiles(): void {
  const release = takeLock();
  try {
    const state = readPending();
    if (state?.stage !== 'waiting' || !isDue(state)) return;
    const before = readApplied();
    if (before === undefined) return;
    restoreConfiguration(before);
    markRestored();
  } finally {
    release();
  }
}

/** The lock of all that change the configuration. Where it cannot be had, it is done without: doing it twice is safe. */
function takeLock(): () => void {
  const end = performance.now() + patience;
  for (; performance.now() < end; sleep(nap)) {
    const state = readPending();
    if (state?.stage !== 'waiting') break;
    const descriptor = bestEffort('taking the lock of the configuration', () => {
      makeState();
      return takeIfFree(stateFiles.configurationLock) ?? 'taken';
    });
    if (typeof descriptor === 'number') return () => closeSync(descriptor);
    if (descriptor === undefined) break;
  }
  return () => {};
}
