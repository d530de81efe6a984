import { describeFinding, type Finding } from '../model/finding.ts';
import { printError } from './output.ts';

/** Writes findings to stderr, a line each. @param describe `describeWithin` where the output names the subject */
export function warn(
  findings: readonly Finding[],
  describe: (finding: Finding) => string = describeFinding,
): void {
  for (const finding of findings) printError(describe(finding));
}
