import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { NamespaceRequest } from '../model/namespace.ts';
import { quoted, UserError } from '../model/problem.ts';
import { readText, removeFile } from '../system/files.ts';
import { hasProgram } from '../system/host.ts';
import { replacePublicFile } from '../system/public-file.ts';
import { run } from '../system/run.ts';
import { isOurUnit, renderUnit, unitFolder, unitName } from './unit.ts';

/** How long systemd may take, in milliseconds: a unit's start makes the namespace again, which changes nothing. */
const patience = 90_000;

const pathOf = (name: string) => join(unitFolder, unitName(name));
/** Whether systemd runs this host: sd_booted(3). */
const isBooted = () => existsSync('/run/systemd/system');

/** @throws UserError if this host has no systemd, or the unit's path is taken */
export function refuseWithoutSystemd(name: string): void {
  if (!hasProgram('systemctl'))
    throw new UserError('netns add --persist writes a unit of systemd, and systemctl is not installed');
  const before = readText(pathOf(name));
  if (before !== undefined && !isOurUnit(before))
    throw new UserError(`${pathOf(name)} is there already, and guestgate did not write it`);
}

/** Writes the unit of a namespace that is there, and enables it. @returns a line that says so */
export function persist(request: NamespaceRequest): string {
  const unit = unitName(request.name);
  replacePublicFile(pathOf(request.name), renderUnit(request));
  systemctl(['enable', unit], request.name);
  if (isBooted()) {
    systemctl(['daemon-reload'], request.name);
    systemctl(['start', unit], request.name);
  }
  return `${unit} makes it at boot`;
}

/** Removes the unit of a namespace, if guestgate wrote one. */
export function forget(name: string): string[] {
  if (!isOurUnit(readText(pathOf(name)) ?? '')) return [];
  const unit = unitName(name);
  if (hasProgram('systemctl')) systemctl(['disable', ...(isBooted() ? ['--now'] : []), unit], name);
  removeFile(pathOf(name));
  if (hasProgram('systemctl') && isBooted()) systemctl(['daemon-reload'], name);
  return [`${unit} is removed`];
}

function systemctl(args: readonly string[], name: string): void {
  const doing = `setting up the unit of namespace ${quoted(name)}`;
  run({ program: 'systemctl', args: ['--quiet', ...args] }, doing, patience);
}
