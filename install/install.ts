import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hookNames } from '../src/model/event.ts';
import { paths } from '../src/model/paths.ts';
import { UserError } from '../src/model/problem.ts';
import { removeFile } from '../src/system/files.ts';
import { setSysctl, sysctl } from '../src/system/host.ts';
import { accessOfOthers } from '../src/system/root-only.ts';
import { vifCommon } from '../src/xen/xen-scripts.ts';
import { carryOut } from './carry-out.ts';
import { Installation } from './installation.ts';
import { installLxc } from './lxc.ts';
import { manifestFolder } from './manifest.ts';
import { ownFiles } from './own-files.ts';
import { sampleConfiguration } from './sample-configuration.ts';
import { reloadLibvirt, startServices } from './services.ts';
import { installVserver } from './vserver.ts';
import { installXen } from './xen.ts';
import type { XenWay } from './xen-scripts.ts';

/** What `install` did, or would do, and found, a line each. */
export interface Installed {
  readonly done: readonly string[];
  readonly advice: readonly string[];
}

export interface InstallOptions {
  /** Also turn on the kernel's forwarding, now and at boot. */
  readonly ipForward: boolean;
  /** How Xen's vif scripts, if there are any, call guestgate. */
  readonly xen: XenWay;
  /** Let LXC, without libvirt, call guestgate. */
  readonly lxc: boolean;
  /** Let util-vserver call guestgate for guests of Linux-VServer. */
  readonly vserver: boolean;
  /** The folder at which another system is mounted: all goes there, and nothing is started. Else an empty text. */
  readonly prefix: string;
  /** Only look. */
  readonly dryRun: boolean;
  /** A package has the program and the files beside it, and starts the services. */
  readonly packaged: boolean;
}

const forwarding = 'net.ipv4.ip_forward';
const sysctlFile = '/etc/sysctl.d/60-guestgate.conf';

/**
 * Installs this program with its units, manuals and completions, its links as libvirt's hooks, and a commented sample
 * configuration. What is there already stays; a foreign hook stays the hook, and ours goes into its `.d` folder (libvirt
 * >= 6.5). From the installed program, which a package may own, only hooks and configuration.
 *
 * @throws UserError if a foreign file has a path that is needed, or others than root could replace what is installed
 */
export function install(self: string, options: InstallOptions): Installed {
  const work = new Installation(options.prefix);
  const files = ownFiles();
  if (options.prefix === '') refuseAccessOfOthers(files.map(({ path }) => dirname(path)));
  const forgotten = options.packaged ? [paths.program, ...files.map(({ path }) => path)] : [];
  if (!options.packaged && !(work.isProgram(self) && !work.knows(paths.program))) {
    work.program(self);
    for (const file of files) work.script(file, 'file');
    adviseOnUnits(work);
  }
  planHost(work, options);
  const done = work.steps.map((step) => step.done);
  if (options.dryRun) return { done, advice: work.advice };
  carryOut(work, self, forgotten);
  for (const path of forgotten) if (work.knows(path)) removeTwin(path);
  if (options.ipForward && options.prefix === '') setSysctl(forwarding, '1');
  if (!options.packaged) done.push(...startServices(work));
  if (options.prefix === '') done.push(...reloadLibvirt(work));
  return { done, advice: work.advice };
}

/** A package that was installed over an earlier installation has its files now, and compresses manuals. */
function removeTwin(path: string): void {
  if (existsSync(`${path}.gz`)) removeFile(path);
}

/** What depends on the host. */
function planHost(work: Installation, { ipForward, xen, lxc, vserver, prefix }: InstallOptions): void {
  work.folder(join(paths.configuration, 'guests.d'));
  work.file(join(paths.configuration, 'guestgate.toml'), sampleConfiguration);
  const hasXen = xen !== 'no' && existsSync(work.at(vifCommon));
  if (hasXen && !work.has(dirname(paths.libvirtHooks))) {
    work.advice.push(
      'libvirt is not installed, so no hooks were installed (run guestgate install again after installing it)',
    );
  } else {
    work.folder(paths.libvirtHooks);
    for (const hook of hookNames) work.hook(hook);
  }
  if (hasXen && prefix !== '')
    work.advice.push("Xen's scripts stay as they are (when that system runs, run guestgate install there)");
  else if (hasXen) installXen(work, xen);
  if (lxc) installLxc(work);
  if (vserver) installVserver(work);
  planForwarding(work, ipForward, prefix);
}

function planForwarding(work: Installation, wanted: boolean, prefix: string): void {
  if (wanted) {
    work.file(sysctlFile, `# Guests are reached through this host (guestgate)\n${forwarding} = 1\n`);
  } else if (prefix === '' && sysctl(forwarding) !== '1') {
    work.advice.push(
      `${forwarding} is 0: nothing is forwarded (libvirt turns it on with a NAT network; or: guestgate install --ip-forward)`,
    );
  }
}

/** Copies of our units that were put there by hand: systemd prefers them to those that are installed (systemd.unit(5)). */
function adviseOnUnits(work: Installation): void {
  for (const { path } of work.steps.map(({ made }) => made)) {
    const copy = path.replace('/usr/lib/systemd/system/', '/etc/systemd/system/');
    if (copy !== path && existsSync(work.at(copy)))
      work.advice.push(`${copy} takes the place of the installed unit (remove it, unless you changed it)`);
  }
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

function refuseAccessOfOthers(ofFiles: readonly string[]): void {
  for (const folder of new Set([...rootsFolders, ...ofFiles])) {
    const access = accessOfOthers(folder);
    if (access === undefined) continue;
    const { at, problem, command } = access;
    const what = at === folder ? 'it' : `${at}, on the way to it,`;
    throw new UserError(`installing in ${folder}: ${what} ${problem} (${command})`);
  }
}
