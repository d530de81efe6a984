import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { hookNames } from '../src/model/event.ts';
import { paths } from '../src/model/paths.ts';
import { UserError } from '../src/model/problem.ts';
import { readText, writeWhole } from '../src/system/files.ts';
import { setSysctl, sysctl } from '../src/system/host.ts';
import { accessOfOthers } from '../src/system/root-only.ts';
import { vifCommon } from '../src/xen/xen-scripts.ts';
import { type Made, manifestFolder, readManifest, writeManifest } from './manifest.ts';
import { sampleConfiguration } from './sample-configuration.ts';
import { installXen } from './xen.ts';
import type { XenWay } from './xen-scripts.ts';

/** What `install` did and found, a line each. */
export interface Installed {
  readonly done: readonly string[];
  readonly advice: readonly string[];
  /** A running libvirtd does not know all hooks yet. */
  readonly hasNewHooks: boolean;
}

const forwarding = 'net.ipv4.ip_forward';
const sysctlFile = '/etc/sysctl.d/60-guestgate.conf';

/**
 * Installs this program, its links as libvirt's hooks, and a commented sample configuration. What is there
 * already stays; a foreign hook stays the hook, and ours goes into its `.d` folder (libvirt >= 6.5).
 *
 * @param options.xen how Xen's vif scripts, if there are any, call guestgate
 * @param options.ipForward also turn on the kernel's forwarding, now and at boot
 * @throws UserError if a foreign file has a path that is needed, or others than root could replace what is installed
 */
export function install(
  self: string,
  options: { readonly ipForward: boolean; readonly xen: XenWay },
): Installed {
  refuseAccessOfOthers();
  const work = new Installation();
  try {
    work.program(self);
    work.folder(paths.configuration);
    work.folder(join(paths.configuration, 'guests.d'));
    work.file(join(paths.configuration, 'guestgate.toml'), sampleConfiguration);
    const xen = options.xen !== 'no' && existsSync(vifCommon);
    if (xen && !existsSync(dirname(paths.libvirtHooks)))
      work.advice.push(
        'libvirt is not installed, so no hooks were installed (run guestgate install again after installing it)',
      );
    else work.hooks();
    if (options.xen !== 'no' && xen) installXen(work, options.xen);
    work.forwarding(options.ipForward);
  } finally {
    work.remember();
  }
  return work;
}

/** The folders of what root runs and reads: in a folder that others can write, they could put programs of theirs there. */
const rootsFolders = [
  dirname(paths.program),
  paths.libvirtHooks,
  ...hookNames.map((name) => join(paths.libvirtHooks, `${name}.d`)),
  paths.xenScripts,
  paths.configuration,
  manifestFolder,
  dirname(sysctlFile),
];

function refuseAccessOfOthers(): void {
  for (const folder of rootsFolders) {
    const access = accessOfOthers(folder);
    if (access === undefined) continue;
    const { at, problem, command } = access;
    const what = at === folder ? 'it' : `${at}, on the way to it,`;
    throw new UserError(`installing in ${folder}: ${what} ${problem} (${command})`);
  }
}

class Installation implements Installed {
  readonly done: string[] = [];
  readonly advice: string[] = [];
  hasNewHooks = false;
  readonly made: Made[] = [...readManifest().made];

  /** Replaced by renaming: the old one may be running. */
  program(self: string): void {
    const target = paths.program;
    if (kindOf(target) !== 'missing' && realpathSync(target) === realpathSync(self)) return;
    const known = this.made.some(({ path }) => path === target);
    if (kindOf(target) !== 'missing' && !known) {
      throw new UserError(
        `installing ${target}: there is one already that came from elsewhere: remove it, or its package, first`,
      );
    }
    rmSync(`${target}.new`, { force: true });
    copyFileSync(self, `${target}.new`, constants.COPYFILE_EXCL);
    chmodSync(`${target}.new`, 0o755);
    renameSync(`${target}.new`, target);
    this.note({ kind: 'program', path: target }, `program ${target}`);
  }

  folder(path: string): void {
    if (kindOf(path) !== 'missing') return;
    mkdirSync(path, { mode: 0o755 });
    this.note({ kind: 'folder', path }, `folder ${path}`);
  }

  file(path: string, text: string): void {
    if (readText(path) !== undefined) return;
    writeWhole(path, text);
    chmodSync(path, 0o644);
    this.note({ kind: 'file', path, text }, `file ${path}`);
  }

  /** On a host that gets its libvirt later, too. */
  hooks(): void {
    this.folder(dirname(paths.libvirtHooks));
    this.folder(paths.libvirtHooks);
    for (const hook of hookNames) this.hook(hook);
  }

  hook(name: string): void {
    const own = join(paths.libvirtHooks, name);
    const extra = join(paths.libvirtHooks, `${name}.d`, '50-guestgate');
    if (isOurs(own) || isOurs(extra)) return;
    if (kindOf(own) === 'missing') {
      this.link(own);
      return;
    }
    if (kindOf(extra) !== 'missing')
      throw new UserError(`installing ${extra}: a file of that name is there already`);
    this.folder(dirname(extra));
    this.link(extra);
    this.advice.push(`${own} belongs to another program and stays; ${extra} runs after it`);
  }

  forwarding(wanted: boolean): void {
    const on = sysctl(forwarding) === '1';
    if (wanted) {
      if (!on) setSysctl(forwarding, '1');
      this.file(sysctlFile, `# Guests are reached through this host (guestgate)\n${forwarding} = 1\n`);
    } else if (!on) {
      this.advice.push(
        `${forwarding} is 0: nothing is forwarded (libvirt turns it on with a NAT network; or: guestgate install --ip-forward)`,
      );
    }
  }

  remember(): void {
    if (this.done.length > 0) writeManifest({ made: this.made });
  }

  private link(path: string): void {
    symlinkSync(paths.program, path);
    this.hasNewHooks = true;
    this.note({ kind: 'link', path, target: paths.program }, `hook ${path}`);
  }

  note(made: Made, done: string): void {
    if (!this.made.some(({ path }) => path === made.path)) this.made.push(made);
    this.done.push(done);
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
