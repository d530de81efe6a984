import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { install } from '../../install/install.ts';
import { type XenWay, xenWays } from '../../install/xen-scripts.ts';
import { replay } from '../apply/replay.ts';
import { exitCodes } from '../model/exit-code.ts';
import { messageOf, UserError } from '../model/problem.ts';
import { ownProgram } from '../system/self.ts';
import { warn } from './findings.ts';
import { print, printJson } from './output.ts';
import { replayJson } from './replay.ts';

interface Options {
  readonly ipForward?: true;
  readonly xen: XenWay;
  readonly lxc?: true;
  readonly vserver?: true;
  readonly prefix?: string;
  readonly dryRun?: true;
  readonly packaged?: true;
  readonly json?: true;
}

/** `guestgate install`. */
export function installCommand(finish: (exitCode: number) => void): Command {
  return new Command('install')
    .summary('install program, units, manuals, libvirt hooks and sample configuration')
    .description(
      'Copy the program to /usr/bin/guestgate, with systemd units, manuals and shell completions, link it as the libvirt hooks, ' +
        'write a commented configuration if there is none, enable and start the units that the preset names, reload ' +
        "libvirt's daemons, and replay. If a hook of another program exists, it stays, and the link becomes 50-guestgate in the .d " +
        'folder beside it, which needs libvirt 6.5. From the installed program, install makes hooks and configuration only.',
    )
    .option('--ip-forward', 'turn on net.ipv4.ip_forward, now and at each boot')
    .addOption(
      new Option(
        '--xen <how>',
        "how Xen's vif scripts call guestgate: replace their vif-common.sh, add a hook to vif-post.d, or no",
      )
        .choices(xenWays)
        .default('replace'),
    )
    .option(
      '--lxc',
      'let LXC, without libvirt, call guestgate for containers that include its common configuration',
    )
    .option(
      '--vserver',
      'let util-vserver call guestgate for guests of Linux-VServer that have a shared network namespace',
    )
    .option('--dry-run', 'show what would be installed, and change nothing')
    .option(
      '--prefix <folder>',
      'install into the system that is mounted at this folder; its units start at its boot',
    )
    .option(
      '--packaged',
      'for packages: make hooks and configuration only, and leave units and rules to the package',
    )
    .option('--json', 'print as JSON')
    .action(async (options: Options) => {
      const { done, advice } = installHere({
        ipForward: options.ipForward === true,
        xen: options.xen,
        lxc: options.lxc === true,
        vserver: options.vserver === true,
        prefix: prefixOf(options.prefix),
        dryRun: options.dryRun === true,
        packaged: options.packaged === true,
      });
      const isHere = options.prefix === undefined && !options.dryRun && !options.packaged;
      const result = isHere ? await replay() : { guests: [], problems: [] };
      if (options.json) printJson({ done, advice, ...replayJson(result) });
      else {
        for (const line of done) print(`${options.dryRun ? 'would install' : 'installed'} ${line}`);
        if (done.length === 0) print('everything was installed already');
        for (const line of advice) print(`note: ${line}`);
        warn(result.problems);
      }
      finish(result.problems.length === 0 ? exitCodes.done : exitCodes.failed);
    });
}

/** A path without a slash at its end; nothing for this system. */
function prefixOf(folder: string | undefined): string {
  if (folder === undefined) return '';
  if (!existsSync(folder)) throw new UserError(`installing into ${folder}: there is no such folder`);
  return resolve(folder).replace(/^\/$/, '');
}

/** @throws UserError where the file system is read-only: such a system is configured as a whole */
function installHere(options: Parameters<typeof install>[1]): ReturnType<typeof install> {
  try {
    return install(ownProgram(), options);
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if (code !== 'EROFS') throw error;
    throw new UserError(
      `installing${path === undefined ? '' : ` ${path}`}: ${messageOf(error)} (put the program and the links to it where your system keeps them: on NixOS, virtualisation.libvirtd.hooks.qemu.guestgate and the same for network and daemon, which libvirt runs from /var/lib/libvirt/hooks; on an image-based system, its layer or package)`,
    );
  }
}
