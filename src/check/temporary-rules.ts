import { type Finding, failure } from '../model/finding.ts';
import { keptFiles } from '../model/kept-files.ts';
import { UserError } from '../model/problem.ts';
import { programOf, type SavedRules } from '../model/saved-rules.ts';
import { isRescue, readPending, secondsLeft } from '../state/pending-change.ts';
import { readSavedRules } from '../state/saved-rules.ts';
import { bootId } from '../system/boot-clock.ts';

/** A state of the host that is to last for a while: its fix ends it. */
export type Temporary = Finding & { readonly fix: string };

/** A rescue that is in place, and a change that waits for its confirmation. */
export function temporaryRules(): Temporary[] {
  const waits = waiting();
  return [...rescueInPlace(), ...(waits === undefined ? [] : [waits])];
}

/** After another boot, the kernel holds nothing of a rescue. */
function rescueInPlace(): Temporary[] {
  let saved: SavedRules | undefined;
  try {
    saved = readSavedRules();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [{ ...failure('rescue', error), severity: 'later', fix: `ls -l ${keptFiles.rescue}` }];
  }
  if (saved === undefined || saved.boot !== bootId()) return [];
  return [
    {
      subject: 'rescue',
      problem:
        'a rescue is in place: rules of other programs are put aside, and neither allow nor refuse anything',
      severity: 'later',
      advice: 'mend what these programs do, then bring their rules back',
      fix: 'guestgate rescue --undo',
      details: namesOf(saved),
    },
  ];
}

function namesOf({ tables, bypassed }: SavedRules): string[] {
  return [...tables.map(({ family, name }) => `nft table ${family} ${name}`), ...bypassed.map(programOf)];
}

function waiting(): Temporary | undefined {
  const state = readPending();
  if (state === undefined || state.stage !== 'waiting') return undefined;
  const what = isRescue(state) ? 'a rescue' : 'a change of the configuration';
  return {
    subject: 'confirm',
    problem: `${what} waits for its confirmation: without it, it is undone in ${Math.ceil(secondsLeft(state))} s`,
    severity: 'later',
    fix: 'guestgate confirm',
  };
}
