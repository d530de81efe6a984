import { describeFault, describeFinding, headRuleFault } from '../model/finding.ts';
import type { LogEntry } from '../system/log-line.ts';
import type { Repair } from '../watch/drift.ts';
import type { ChangingProgram, RulesAbove, WatchEvent } from '../watch/watch-event.ts';

/** How many rules of a chain a line names. */
const shown = 3;

/** The line of the log for an event of the watcher. */
export function watchLine(event: WatchEvent): LogEntry {
  switch (event.kind) {
    case 'repaired': {
      const time = `repaired in ${event.milliseconds} ms`;
      return {
        level: 'info',
        message: `watch: ${describeRepair(event.repair)}${by(event.changer)}: ${time}`,
      };
    }
    case 'backed-off': {
      const parts = [
        'rules are being reverted repeatedly',
        `${describeRepair(event.repair)}${by(event.changer)}`,
        ...event.above.map(describeRulesAbove),
        `repaired again, from now on at most every ${event.wait / 1000} s`,
      ];
      return { level: 'warn', message: `watch: ${parts.join('; ')}` };
    }
    case 'started': {
      const { removed, absent } = event;
      const parts = [
        ...(removed.length > 0
          ? [`removed rules of a saved ruleset that belong to no running guest (${removed.join(', ')})`]
          : []),
        ...(absent ? ['updated absent guests'] : []),
      ];
      return { level: 'info', message: `watch: ${parts.join('; ')}` };
    }
    case 'applied': {
      const parts = [
        `applied the changed configuration to ${event.to.join(', ')}`,
        ...event.findings.map(describeFinding),
      ];
      const level = event.findings.length > 0 ? 'error' : 'info';
      return { level, message: `watch: ${parts.join('; ')}` };
    }
    case 'mistakes': {
      const parts = ['the changed configuration is not applied', ...event.findings.map(describeFinding)];
      return { level: 'error', message: `watch: ${parts.join('; ')}` };
    }
    case 'failed':
      return { level: 'error', message: `watch: ${event.faults.map(describeFault).join('; ')}` };
  }
}

function describeRepair({ rebuilt, lost: [first, ...others], places }: Repair): string {
  const lost = first && `${first.problem}${others.length === 0 ? '' : `, and ${others.length} more`}`;
  return [
    ...(rebuilt ? [lost ?? "guestgate's chains were missing"] : []),
    ...(places.length === 0 ? [] : [headRuleFault(places.join(', ')).problem]),
  ].join('; ');
}

function by(changer: ChangingProgram | undefined): string {
  if (changer === undefined) return '';
  const { name, process, parent } = changer;
  const origin = parent === undefined ? '' : `, started by ${parent}`;
  return `, last changed by ${name} (process ${process}${origin})`;
}

function describeRulesAbove({ chain, rules }: RulesAbove): string {
  if (rules.length === 0) return `no rule is above it in ${chain} now`;
  const more = rules.length > shown ? ` and ${rules.length - shown} more` : '';
  return `above it in ${chain}: ${rules.slice(0, shown).join(' | ')}${more}`;
}
