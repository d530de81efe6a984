import { Command } from 'commander';
import { type GuestStatus, type Status, status } from '../check/status.ts';
import type { Element } from '../model/element.ts';
import { exitCodes } from '../model/exit-code.ts';
import { describeFault, describeFinding, describeWithin, headRuleFault } from '../model/finding.ts';
import { quoted } from '../model/problem.ts';
import { knownAddresses } from '../state/records.ts';
import { warn } from './findings.ts';
import { describeElement, print, printJson, table } from './output.ts';

/** `guestgate status`: guests, forwards, addresses, connections counted. */
export function statusCommand(finish: (exitCode: number) => void): Command {
  return new Command('status')
    .summary('show what is open for each guest')
    .description('Show what is open for each running guest, and how many connections used it.')
    .option('--json', 'print as JSON')
    .action(async (options: { json?: boolean }) => {
      const found = await status();
      warn(found.problems);
      if (options.json) printJson(asJson(found));
      else print(render(found));
      finish(exitCodes.done);
    });
}

function asJson({ guests, problems, ...status }: Status) {
  return {
    ...status,
    guests: guests.map((guest) => ({ ...guest, problems: guest.problems.map(describeWithin) })),
    problems: problems.map(describeFinding),
  };
}

function render({ guests, networks, absent, headRules }: Status): string {
  const ofNetworks = [
    ...networks.flatMap(({ network, elements }) =>
      elements.map((element) => `network ${quoted(network)}: ${describeElement(element)}`),
    ),
    ...absent.map(describeElement),
  ];
  if (guests.length === 0) return ['No running guest has a policy.', ...ofNetworks].join('\n');
  const rows = guests.flatMap(guestRows);
  const misplaced = headRules
    .filter(({ inPlace }) => !inPlace)
    .map(({ name }) => `! ${describeFault(headRuleFault(name))}`);
  return [table([['GUEST', 'ADDRESS', 'OPEN', 'CONNECTIONS'], ...rows]), ...ofNetworks, ...misplaced].join(
    '\n',
  );
}

function isRestriction({ kind }: Element): boolean {
  return kind === 'source-filter' || kind === 'denied';
}

function guestRows({ guest, elements, problems, ...addressed }: GuestStatus): string[][] {
  const shown = elements.filter(
    ({ element }) => !isRestriction(element) && element.kind !== 'inside' && element.kind !== 'roaming',
  );
  const sourceFilters = elements.filter(({ element }) => isRestriction(element));
  const lines = [
    ...shown.map(({ element, packets }) => [
      describeElement(element),
      packets === undefined ? '' : String(packets),
    ]),
    ...sourceFilters.map(({ element }) => [describeElement(element), '']),
    ...problems.map((problem) => [`! ${describeWithin(problem)}`, '']),
  ];
  if (lines.length === 0) lines.push(['nothing', '']);
  const known = knownAddresses(addressed);
  const addresses = known.length === 0 ? ['-'] : [...known];
  while (lines.length < addresses.length) lines.push(['', '']);
  const name = JSON.stringify(guest.name).slice(1, -1);
  return lines.map(([what = '', count = ''], index) => [
    index === 0 ? name : '',
    addresses[index] ?? '',
    what,
    count,
  ]);
}
