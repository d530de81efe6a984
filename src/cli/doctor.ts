import { Command } from 'commander';
import { checkHost, type Diagnosis } from '../doctor/doctor.ts';
import { exitCodes } from '../model/exit-code.ts';
import { describeFinding, type Severity } from '../model/finding.ts';
import { visibleLine } from '../model/visible-text.ts';
import { print, printJson } from './output.ts';
import { withProgress } from './progress.ts';
import { requireRoot } from './require-root.ts';

/** `guestgate doctor` */
export function doctorCommand(finish: (exitCode: number) => void): Command {
  return new Command('doctor')
    .summary('find what blocks forwards on this host, with a command that fixes each finding')
    .description(
      'Look at the whole host for what blocks forwards, and print the findings, the most severe first, each with the ' +
        'command that fixes it. doctor asks explain about a connection to each forward, from outside by each uplink, from the ' +
        'host and from another guest. It opens TCP connections to forwarded ports of running guests, and closes them. ' +
        'Notes do not affect the exit code. Changes nothing.',
    )
    .option('--json', 'print as JSON')
    .action(async (options: { json?: boolean }) => {
      requireRoot('doctor');
      const { findings, notes } = await withProgress((step) =>
        checkHost((check) => step(`checking ${check}`)),
      );
      if (options.json) printJson({ findings: findings.map(asJson), notes });
      else print([render(findings), ...notes.map((note) => `note: ${visibleLine(note)}`)].join('\n'));
      finish(findings.length > 0 ? exitCodes.failed : exitCodes.done);
    });
}

const headings: Readonly<{ [severity in Severity]: string }> = {
  everything: 'All forwards blocked:',
  something: 'Some forwards blocked:',
  later: 'Warnings:',
};

function render(found: readonly Diagnosis[]): string {
  if (found.length === 0) return 'Found nothing that blocks forwards.';
  const lines: string[] = [];
  let last: Severity | undefined;
  for (const diagnosis of found) {
    const { severity, what, fix } = asJson(diagnosis);
    if (severity !== last) lines.push(`${last === undefined ? '' : '\n'}${headings[severity]}`);
    last = severity;
    lines.push(`- ${what}`, `    ${visibleLine(fix)}`);
  }
  return lines.join('\n');
}

/** A finding as `--json` prints it: in `what` a person reads what is wrong, and its effect. */
function asJson({ name, severity, fix, ...finding }: Diagnosis) {
  return { name, severity, what: describeFinding({ severity, ...finding }), fix };
}
