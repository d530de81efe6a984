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

/** `guestgate install`. */
export function installCommand(finish: (exitCode: number) => void): Command {
  return new Command('install')
    .summary('install program, libvirt hooks and sample configuration')
    .description(
      'Copy the program to /usr/bin/guestgate, link it as the libvirt hooks, write a commented configuration if there is ' +
        'none, and replay. If a hook of another program exists, it stays, and the link becomes 50-guestgate in the .d ' +
        'folder beside it, which needs libvirt 6.5. Reload libvirtd afterwards if it had no hooks when it started.',
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
    .option('--json', 'print as JSON')
    .action(async (options: { ipForward?: boolean; xen: XenWay; json?: boolean }) => {
      const { done, advice, hasNewHooks } = installHere({
        ipForward: options.ipForward === true,
        xen: options.xen,
      });
      const result = await replay();
      if (options.json) printJson({ done, advice, ...replayJson(result) });
      else {
        for (const line of done) print(`installed ${line}`);
        if (done.length === 0) print('everything was installed already');
        for (const line of advice) print(`note: ${line}`);
        if (hasNewHooks) {
          print(
            'note: a running libvirtd finds new hooks after: systemctl reload libvirtd (or virtqemud, virtnetworkd)',
          );
        }
        warn(result.problems);
      }
      finish(result.problems.length === 0 ? exitCodes.done : exitCodes.failed);
    });
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
