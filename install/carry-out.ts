import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '../src/model/problem.ts';
import { writeWhole } from '../src/system/files.ts';
import { isOurVifCommon } from '../src/xen/xen-scripts.ts';
import { divert, writeOver } from './divert.ts';
import type { Installation, Step } from './installation.ts';
import { type Made, writeManifest } from './manifest.ts';

/**
 * Makes what an installation has to make, and writes down what it made, also where it ends halfway.
 *
 * @param self the program that is copied
 * @param forgotten what earlier installations made, and another owner has now
 */
export function carryOut(work: Installation, self: string, forgotten: readonly string[]): void {
  const made = work.before.filter(({ path }) => !forgotten.includes(path));
  const before = made.length;
  let done = 0;
  try {
    for (const step of work.steps) {
      refuseOutside(work, step.made.path);
      make(work.at(step.made.path), step, self);
      note(made, step.made);
      done++;
    }
  } finally {
    if (done > 0 || before < work.before.length) writeManifest({ made }, work.prefix);
  }
}

function make(at: string, { made, mode }: Step, self: string): void {
  switch (made.kind) {
    case 'folder':
      mkdirSync(at, { mode: 0o755 });
      return;
    case 'program':
      copyProgram(self, at);
      return;
    case 'link':
      symlinkSync(made.target, at);
      return;
    case 'file':
      writeWhole(at, made.text);
      if (mode !== undefined) chmodSync(at, mode);
      return;
    case 'diverted':
      if (isOurVifCommon()) writeOver(made.path, made.text);
      else divert(made);
  }
}

/** Replaced by renaming: the old one may be running. */
function copyProgram(self: string, target: string): void {
  rmSync(`${target}.new`, { force: true });
  copyFileSync(self, `${target}.new`, constants.COPYFILE_EXCL);
  chmodSync(`${target}.new`, 0o755);
  renameSync(`${target}.new`, target);
}

function note(made: Made[], one: Made): void {
  const known = made.findIndex(({ path }) => path === one.path);
  if (known >= 0) made[known] = one;
  else made.push(one);
}

/** A link in a system that is mounted at a prefix may lead into this one. */
function refuseOutside({ prefix }: Installation, path: string): void {
  if (prefix === '') return;
  let folder = dirname(`${prefix}${path}`);
  while (!existsSync(folder)) folder = dirname(folder);
  const [inside, real] = [realpathSync(prefix), realpathSync(folder)];
  if (real === inside || real.startsWith(inside === '/' ? '/' : `${inside}/`)) return;
  throw new UserError(`installing ${prefix}${path}: ${folder} leads to ${real}, out of ${prefix}`);
}
