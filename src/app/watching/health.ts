import { defaultHostPolicy } from '../../model/policy.ts';
import { readHostState } from '../../system/host-state.ts';
import { anchorStates } from '../anchors.ts';
import { kernelDifferences } from '../kernel-differences.ts';
import { isAnyKnown, isAnyNetworkKnown } from '../known.ts';
import { assertOpen } from '../networks.ts';
import { rebuild, standsWhole } from '../rebuild.ts';
import { locked } from '../submit.ts';
import { misplacedVifRules } from '../vif-rules.ts';

/** What was found undone. */
export interface Damage {
  /** As a person should read it. */
  readonly what: string;
  /** The places where our accept does not stand first. */
  readonly places: readonly string[];
  /** Whether entries or rules of ours are gone, while the chains stand. */
  readonly inside: boolean;
}

/** Whether our chains are there and our accepts stand first: some milliseconds, and no lock. */
export function findDamage(): Damage | undefined {
  const anyGuest = isAnyKnown();
  if (!anyGuest && !isAnyNetworkKnown()) return undefined;
  const places = anyGuest
    ? anchorStates().flatMap(({ name, needed, first }) => (needed && !first ? [name] : []))
    : [];
  const ports = misplacedVifRules();
  const whole = standsWhole();
  if (whole && places.length + ports.length === 0) return undefined;
  const parts = [
    ...(whole ? [] : ['our chains were gone']),
    ...(ports.length === 0 ? [] : [`the accepts for bridged guests were not in ${ports.join(', ')}`]),
    ...(places.length === 0 ? [] : [`our accept did not stand first in ${places.join(', ')}`]),
  ];
  return { what: parts.join('; '), places, inside: false };
}

/** The same, entry by entry: it costs what `check` costs. */
export async function findLosses(): Promise<Damage | undefined> {
  if (!isAnyKnown() && !isAnyNetworkKnown()) return undefined;
  const [first, ...others] = await kernelDifferences();
  if (first === undefined) return undefined;
  const what = first.replace(/^kernel: /, '').replace(/: guestgate replay$/, '');
  const more = others.length === 0 ? '' : `, and ${others.length} more`;
  return { what: `${what}${more}`, places: [], inside: true };
}

/**
 * Mends it, by the way that every event takes.
 *
 * @returns what could not be done
 * @throws LockHeld, CommandError
 */
export async function mend({ inside }: Damage): Promise<string | undefined> {
  if (inside) await locked(rebuildIfLost);
  const { level, message } = assertOpen();
  return level === 'error' ? message : undefined;
}

/** With the lock held no hook is half-way: what is missing now is lost. A rebuild begins to count anew. */
async function rebuildIfLost(): Promise<void> {
  if ((await kernelDifferences()).length === 0) return;
  const { mark = defaultHostPolicy.mark } = readHostState();
  rebuild('restoring what somebody took out of our table', mark);
}
