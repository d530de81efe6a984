import { existsSync, lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { paths } from '../src/model/paths.ts';
import { UserError } from '../src/model/problem.ts';
import { readText } from '../src/system/files.ts';
import { type Made, readManifest } from './manifest.ts';
import type { Script } from './xen-scripts.ts';

/** One thing that is to be made, and the line that says so. */
export interface Step {
  readonly made: Made;
  readonly done: string;
  /** Of a file. */
  readonly mode?: number;
}

/**
 * What an installation has to make, in order. It looks at the host, and changes nothing. Paths are those that they have in the
 * system that is installed to, which may be mounted at a prefix.
 */
export class Installation {
  readonly prefix: string;
  readonly steps: Step[] = [];
  readonly advice: string[] = [];
  /** What earlier installations made. */
  readonly before: Made[];

  constructor(prefix = '') {
    this.prefix = prefix;
    this.before = [...readManifest(prefix).made];
  }

  /** Where a path of that system is. */
  at(path: string): string {
    return join(this.prefix, path);
  }

  /** Whether it has the path, or is about to get it. */
  has(path: string): boolean {
    return kindOf(this.at(path)) !== 'missing' || this.steps.some(({ made }) => made.path === path);
  }

  /** Whether an earlier installation made it. */
  knows(path: string): boolean {
    return this.before.some((made) => made.path === path);
  }

  program(self: string): void {
    const path = paths.program;
    if (this.isProgram(self)) return;
    if (this.has(path) && !this.knows(path)) {
      throw new UserError(
        `installing ${this.at(path)}: there is one already that came from elsewhere: remove it, or its package, first`,
      );
    }
    this.steps.push({ made: { kind: 'program', path }, done: `program ${path}` });
  }

  /** Whether a file is the installed program. */
  isProgram(self: string): boolean {
    const target = this.at(paths.program);
    return existsSync(target) && realpathSync(target) === realpathSync(self);
  }

  /** The folder, and those above it that are missing. */
  folder(path: string): void {
    if (this.has(path)) return;
    this.folder(dirname(path));
    this.steps.push({ made: { kind: 'folder', path }, done: `folder ${path}` });
  }

  /** A file that belongs to the administrator as soon as it is there. */
  file(path: string, text: string): void {
    if (readText(this.at(path)) === undefined) this.put({ path, text, mode: 0o644 }, 'file');
  }

  /** A file of ours: one of an earlier version is replaced. */
  script(script: Script, name: string): void {
    const before = readText(this.at(script.path));
    if (before === script.text) return;
    if (before !== undefined && !this.knows(script.path))
      throw new UserError(`installing ${this.at(script.path)}: a file of that name is there already`);
    this.put(script, name);
  }

  hook(name: string): void {
    const own = join(paths.libvirtHooks, name);
    const extra = join(paths.libvirtHooks, `${name}.d`, '50-guestgate');
    if (isOurs(this.at(own)) || isOurs(this.at(extra))) return;
    if (!this.has(own)) {
      this.link(own);
      return;
    }
    if (this.has(extra))
      throw new UserError(`installing ${this.at(extra)}: a file of that name is there already`);
    this.folder(dirname(extra));
    this.link(extra);
    this.advice.push(`${own} belongs to another program and stays; ${extra} runs after it`);
  }

  /** A link to a script of ours. */
  scriptLink(path: string, target: string): void {
    const at = this.at(path);
    if (kindOf(at) === 'link' && readlinkSync(at) === target) return;
    if (this.has(path)) throw new UserError(`installing ${at}: a file of that name is there already`);
    this.folder(dirname(path));
    this.steps.push({ made: { kind: 'link', path, target }, done: `link ${path}` });
  }

  private link(path: string): void {
    this.steps.push({ made: { kind: 'link', path, target: paths.program }, done: `hook ${path}` });
  }

  private put({ path, text, mode }: Script, name: string): void {
    this.folder(dirname(path));
    this.steps.push({ made: { kind: 'file', path, text }, done: `${name} ${path}`, mode });
  }
}

export function isOurs(path: string): boolean {
  return kindOf(path) === 'link' && readlinkSync(path) === paths.program;
}

function kindOf(path: string): 'missing' | 'link' | 'other' {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined) return 'missing';
  return status.isSymbolicLink() ? 'link' : 'other';
}
