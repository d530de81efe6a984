import type { Domain } from '../events/domain.ts';
import type { Family } from '../model/address.ts';
import { type Card, isSameCard } from '../model/card.ts';
import { startFollower } from '../system/follower.ts';
import { readHostState } from '../system/host-state.ts';
import { conflictsOf, openGuest } from './converge.ts';
import { type Desired, desire } from './desired.ts';
import type { Outcome } from './outcome.ts';
import { readHost } from './reading.ts';
import { summarize } from './summarize.ts';
import { tolerate } from './tolerate.ts';

/** Looks whether the guest's wishes could be met, and refuses it if its policy wants that. */
export async function examine(domain: Domain): Promise<Outcome> {
  const { desired } = await desireDomain(domain);
  const problems = [...desired.problems, ...conflictsOf(desired)];
  if (problems.length === 0) return { level: 'debug', message: 'nothing in the way' };
  return failed(problems, desired.deny);
}

/** Of which families the guest's usual address was on a card that was pulled, or that of a card that forwards choose. */
export interface Gone {
  readonly card?: Card;
  readonly families: readonly Family[];
}

/** @param gone where no other address is found, nothing of them stays open */
export async function open(
  domain: Domain,
  stage: 'guard' | 'open',
  gone: readonly Gone[] = [],
): Promise<Outcome> {
  const { desired: found, mark } = await desireDomain(domain);
  const without = (families: readonly Family[], card?: Card) =>
    families.filter(
      (family) => !gone.some((one) => isSameCard(one.card, card) && one.families.includes(family)),
    );
  const unknown = without(found.unknown);
  const unknownOn = (found.unknownOn ?? []).map(({ card, families }) => ({
    card,
    families: without(families, card),
  }));
  const certain = found.certain || (gone.length > 0 && found.address === undefined);
  const desired = { ...found, certain, unknown, unknownOn };
  const result = openGuest(desired, mark, stage);
  if (stage === 'open' && desired.byLease === true) tolerate(startFollower);
  const summary = summarize(result.elements, desired.address);
  if (result.problems.length > 0) {
    const { message, ...outcome } = failed(result.problems, desired.deny);
    return { ...outcome, message: result.elements.length === 0 ? message : `${summary}; but ${message}` };
  }
  return { level: result.elements.length === 0 ? 'debug' : 'info', message: summary };
}

async function desireDomain(domain: Domain): Promise<{ desired: Desired; mark: number | undefined }> {
  const reading = await readHost(domain.guest);
  const { hostUnknown, host } = reading.configuration;
  const { networks } = readHostState();
  const desired = await desire(domain, reading, (name) => name in networks);
  return { desired, mark: hostUnknown.length === 0 ? host.mark : undefined };
}

function failed(problems: readonly string[], refuse: boolean): Outcome {
  return { level: 'error', message: problems.join('; '), ...(refuse && { refuse }) };
}
