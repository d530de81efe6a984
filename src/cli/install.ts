import { Command, Option } from 'commander';
import { install } from '../../install/install.ts';
import { type XenWay, xenWays } from '../../install/xen-scripts.ts';
import { replay } from '../apply/replay.ts';
import { print, printJson } from './output.ts';
import { ownProgram } from './own-program.ts';

/** `guestgate install`. */
export function installCommand(finish: (exitCode: number) => void): Command {
  return new Command('install')
    .description("install the program, its links as libvirt's hooks, and a sample configuration")
    .option('--ip-forward', 'turn on net.ipv4.ip_forward, now and at boot')
    .addOption(
      new Option(
        '--xen <how>',
        "how Xen's vif scripts, if there are any, call it: in the place of their vif-common.sh, by a hook in vif-post.d, or not",
      )
        .choices(xenWays)
        .default('replace'),
    )
    .option('--json', 'print what was done as JSON')
    .action(async (options: { ipForward?: boolean; xen: XenWay; json?: boolean }) => {
      const { done, advice } = install(ownProgram(), {
        ipForward: options.ipForward === true,
        xen: options.xen,
      });
      const { guests, problems } = await replay();
      if (options.json) printJson({ done, advice, guests, problems });
      else {
        for (const line of done) print(`installed ${line}`);
        if (done.length === 0) print('everything was installed already');
        for (const line of advice) print(`note: ${line}`);
        if (done.some((line) => line.startsWith('hook '))) {
          print(
            'note: a libvirtd that runs looks for new hooks when told to: systemctl reload libvirtd (or virtqemud, virtnetworkd)',
          );
        }
        for (const problem of problems) process.stderr.write(`guestgate: ${problem}\n`);
      }
      finish(problems.length === 0 ? 0 : 1);
    });
}
