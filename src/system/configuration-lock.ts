import { closeSync } from 'node:fs';
import { UserError } from '../model/problem.ts';
import { stateFiles } from '../model/state-files.ts';
import { makeState, readText } from './files.ts';
import { takeIfFree } from './lock.ts';

const lockFile = stateFiles.configurationLock;

/** How long to wait for another command, in milliseconds. */
const patience = 20_000;

/** How long to sleep before the lock is tried again, in milliseconds. */
const nap = 20;

/**
 * Reads, plans and writes a change of the configuration while no other guestgate command does. No hook takes this lock:
 * libvirt does not wait for a command.
 *
 * @throws UserError if another command holds the lock for more than 20 s
 */
export async function withConfigurationLock<T>(action: () => Promise<T>): Promise<T> {
  const descriptor = await waitForLock();
  try {
    return await action();
  } finally {
    closeSync(descriptor);
  }
}

async function waitForLock(): Promise<number> {
  const end = performance.now() + patience;
  for (;;) {
    const descriptor = take();
    if (descriptor !== undefined) return descriptor;
    if (performance.now() >= end) {
      const holder = readText(lockFile)?.trim() || 'unknown';
      throw new UserError(
        `changing the configuration: another guestgate command (process ${holder}) holds ${lockFile} for more than ${patience / 1000} s: try again when that command has ended`,
      );
    }
    // Several commands wait: they try at different moments.
    await new Promise((resolve) => setTimeout(resolve, nap * (0.5 + Math.random())));
  }
}

function take(): number | undefined {
  try {
    makeState();
    return takeIfFree(lockFile);
  } catch (error) {
    throw new UserError(`changing the configuration: taking ${lockFile}`, { cause: error });
  }
}
