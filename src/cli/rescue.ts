import { Command } from 'commander';
import { planRescue, type Rescue, rescue } from '../apply/rescue.ts';
import { type Undone, undoRescueNow } from '../apply/undo-rescue.ts';
import type { Left } from '../backends/rescue/ruleset.ts';
import { exitCodes } from '../model/exit-code.ts';
import { describeFinding } from '../model/finding.ts';
import { keptFiles } from '../model/kept-files.ts';
import { programOf } from '../model/saved-rules.ts';
import { visibleLine } from '../model/visible-text.ts';
import { confirmSeconds, printPending } from './confirm-time.ts';
import { warn } from './findings.ts';
import { print, printError, printJson } from './output.ts';
import { requireRoot } from './require-root.ts';

interface Options {
  readonly confirm: number;
  readonly undo?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** `guestgate rescue`. */
export function rescueCommand(finish: (exitCode: number) => void): Command {
  return new Command('rescue')
    .summary('put the simplest working rules in place of all others, until you undo it')
    .description(
      'For a host whose rules are a mess: save the rules of all programs, put them aside, and put the simplest working set in ' +
        'their place. Guests reach the outside with the address of the host, and its DNS and DHCP; forwards work as configured; ssh, ' +
        'ICMP and tunnels reach the host from outside, and nothing else does. Unless guestgate confirm comes in time, all rules come ' +
        'back. A reboot ends the rescue, too.',
    )
    .option(
      '--confirm <time>',
      'bring the rules back after this time (60s, 5min) unless guestgate confirm comes first',
      confirmSeconds,
      60,
    )
    .option('--undo', 'bring back exactly the rules that were there before')
    .option('--dry-run', 'show what rescue would put aside, and change nothing')
    .option('--json', 'print as JSON')
    .action(async (options: Options) => {
      requireRoot('rescue');
      if (options.undo === true) {
        const undone = await undoRescueNow();
        if (options.json === true) printJson(undone);
        else showUndone(undone);
        return finish(exitCodes.done);
      }
      const done = options.dryRun === true ? await planRescue() : await rescue(options.confirm);
      if (options.json === true) printJson(rescueJson(done));
      else show(done);
      finish(done.problems.length === 0 ? exitCodes.done : exitCodes.failed);
    });
}

function showUndone({ undone, changed }: Undone): void {
  print(
    undone
      ? 'undone: the rules before the rescue are back'
      : 'no rules of a rescue are in the kernel: there is nothing to undo',
  );
  for (const text of changed)
    printError(`${visibleLine(text)} by another program during the rescue, and stays so`);
  if (changed.length > 0) printError(`${keptFiles.rescue}/ruleset.nft shows the rules before it`);
}

function show(done: Rescue): void {
  for (const line of describeRescue(done)) print(visibleLine(line));
  for (const left of done.left) printError(visibleLine(describeLeft(left)));
  warn(done.problems);
  if (done.pending === undefined) print('nothing was changed: --dry-run');
  else {
    print(`saved in ${keptFiles.rescue}; guestgate rescue --undo brings it back`);
    print('Other programs that load rules before that (ufw, firewalld, Docker) undo a part of the rescue');
    printPending(done.pending);
  }
}

/** What is put aside, and what works, a line each. */
export function describeRescue({ saved, place }: Pick<Rescue, 'saved' | 'place'>): string[] {
  const ports = [...place.sshPorts, ...place.tunnelPorts.map((port) => `${port}/udp`)].join(', ');
  return [
    ...saved.tables.map(({ family, name }) => `put aside: nft table ${family} ${name}`),
    ...saved.bypassed.map((kind) => `put aside: rules of ${programOf(kind)}`),
    ...(saved.tables.length + saved.bypassed.length === 0 ? ['no other program has rules'] : []),
    ...(place.outside.length === 0
      ? ['no interface leads outside: rescue drops nothing, and guests do not get out']
      : [`outside: ${place.outside.join(', ')}; open to the host from there: ports ${ports}, and ICMP`]),
    ...(place.trusted.length === 0 ? [] : [`open to the host without limits: ${place.trusted.join(', ')}`]),
  ];
}

/** Why rules stay, and what to do. */
export function describeLeft(left: Left): string {
  switch (left.why) {
    case 'no program':
      return `rules of ${left.program} stay: the program is not installed (install iptables)`;
    case 'name':
      return `nft table ${left.table} stays: nft cannot read its name`;
    case 'owned': {
      const owner = left.owner ?? 'another program';
      return `nft table ${left.table} stays: only ${owner}, which made it, can change it (stop ${owner} if the table is in the way)`;
    }
  }
}

function rescueJson({ saved, place, left, pending, problems }: Rescue) {
  return {
    backend: saved.backend,
    tables: saved.tables,
    iptables: saved.bypassed.map(programOf),
    left,
    outside: place.outside,
    trusted: place.trusted,
    sshPorts: place.sshPorts,
    tunnelPorts: place.tunnelPorts,
    ...(pending !== undefined && { confirm: { seconds: pending.seconds, until: pending.until } }),
    problems: problems.map(describeFinding),
  };
}
