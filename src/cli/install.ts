import { Command, Option } from 'commander';
import { install } from '../../install/install.ts';
import { type XenWay, xenWays } from '../../install/xen-scripts.ts';
import { replay } from '../apply/replay.ts';
import { exitCodes } from '../model/exit-code.ts';
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
      const { done, advice, hasNewHooks } = install(ownProgram(), {
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
