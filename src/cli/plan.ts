import { Command } from 'commander';
import { planGuest } from '../check/plan-guest.ts';
import { exitCodes } from '../model/exit-code.ts';
import { describeWithin } from '../model/finding.ts';
import { warn } from './findings.ts';
import { describeElement, print, printError, printJson } from './output.ts';

/** `guestgate plan GUEST`: prints the exact transaction, and changes nothing. */
export function planCommand(finish: (exitCode: number) => void): Command {
  return new Command('plan')
    .summary('print the transaction that starting a guest would run; change nothing')
    .description(
      'Print the transaction that starting the guest would run, and every problem that it would meet. ' +
        'With the iptables back end this is the input of iptables-restore. ' +
        'The guest may run or not. Changes nothing.',
    )
    .argument('<guest>', 'name, UUID, or driver and name (lxc:web)')
    .option('--json', 'print elements, problems and transaction as JSON')
    .action(async (name: string, options: { json?: boolean }) => {
      const { desired, running, transaction, conflicts } = await planGuest(name);
      const problems = [...desired.problems, ...conflicts];
      if (options.json) {
        const { guest, address, addressSource, otherAddress, elements } = desired;
        printJson({
          guest,
          running,
          address,
          addressSource,
          otherAddress,
          elements,
          problems: problems.map(describeWithin),
          transaction,
        });
      } else {
        warn(problems, describeWithin);
        if (!desired.managed) printError('no policy for this guest: see /etc/guestgate/guestgate.toml');
        for (const element of desired.elements) print(`# ${describeElement(element)}`);
        print(transaction.map(({ input = '' }) => input).join(''));
      }
      finish(problems.length === 0 ? exitCodes.done : exitCodes.failed);
    });
}
