import { existsSync } from 'node:fs';
import { UserError } from '../model/problem.ts';
import { stateFiles } from '../model/state-files.ts';
import { makeState } from '../system/files.ts';
import { tryRun } from '../system/run.ts';
import { isCompiled, ownProgram } from '../system/self.ts';
import { sleep } from '../system/sleep.ts';
import { endLockHolder, isProcessLocked, startOwnProgram, takeProcessLock } from './background.ts';

/*
 * The process that waits until a change has to be rolled back. It outlives the command, its session and its terminal.
 */

const lockFile = stateFiles.rollBack;
const command = 'roll-back';

/** How long to wait until it runs, in milliseconds, and between two looks. */
const patience = 10_000;
const nap = 20;

/**
 * Starts it, and waits until it runs. systemd runs it where there is one: a session that ends takes its processes with it
 * (KillUserProcesses= of logind.conf(5)), but no service.
 *
 * @throws UserError if it does not start
 */
export function startRollBackProcess(): void {
  makeState();
  if (isProcessLocked(lockFile)) return;
  if (existsSync('/run/systemd/system') && startService() && runsSoon(patience / 2)) return;
  startOwnProgram(command, lockFile);
  if (!runsSoon(patience))
    throw new UserError(
      'starting the process that rolls the change back: it does not run (nothing was changed)',
    );
}

/** For hooks, which libvirt waits for: starts it unless it runs, and does not wait. */
export function startRollBackAside(): void {
  makeState();
  startOwnProgram(command, lockFile);
}

/**
 * A process that only looks whether one runs has the lock for a moment, so one look is not enough.
 *
 * @returns undefined if another one runs; what gives its place free otherwise
 */
export function becomeRollBack(): (() => void) | undefined {
  makeState();
  const end = performance.now() + patience / 10;
  for (; performance.now() < end; sleep(nap * Math.random())) {
    const release = takeProcessLock(lockFile);
    if (release !== undefined) return release;
  }
  return undefined;
}

/** Ends the process, if it runs. */
export function endRollBackProcess(): void {
  endLockHolder(lockFile);
}

/** A transient service: systemd-run(1) returns when it is started. */
function startService(): boolean {
  const script = isCompiled ? [] : [ownProgram()];
  const unit = `--unit=guestgate-roll-back-${process.pid}`;
  const description = '--description=guestgate: roll a change back unless it is confirmed';
  const args = ['--quiet', '--collect', unit, description, '--', process.execPath, ...script, command];
  return tryRun({ program: 'systemd-run', args }) !== undefined;
}

function runsSoon(milliseconds: number): boolean {
  const end = performance.now() + milliseconds;
  for (; performance.now() < end; sleep(nap)) if (isProcessLocked(lockFile)) return true;
  return false;
}
