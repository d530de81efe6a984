import { absentNetworks } from '../desired/absent-guests.ts';
import { networkElements } from '../desired/network-elements.ts';
import { networkNat, ofPolicy } from '../desired/network-nat.ts';
import type { LibvirtNetwork } from '../libvirt/network.ts';
import { describeWithin, failedOutcome } from '../model/finding.ts';
import { noRules, type Outcome } from '../model/outcome.ts';
import { readHostState } from '../state/host-state.ts';
import { recordedFamilies } from '../state/needed-tables.ts';
import { applyAbsence, followAbsence } from './absent-rules.ts';
import { changeNetworks, changesAbsence, wantedOfHost } from './change-networks.ts';
import { hasAnyGuestState } from './has-rules.ts';
import { restoreLoopback } from './loopback.ts';
import { readForPlan } from './plan-reading.ts';
import { locked } from './queue.ts';
import { assertOpen } from './repair.ts';
import { hasStandingRules } from './standing-rules.ts';
import { noteUplinks } from './uplinks-noted.ts';

/**
 * Adds the rules of a network that has started or changed, and those for absent guests. Rules of its `[network.NAME]` table
 * do not need a guest; head rules, and all other rules of the network, are added only if a guest has rules.
 */
export async function networkUp(network: LibvirtNetwork): Promise<Outcome> {
  const reading = await readForPlan('no guest');
  const early = networkNat(network, reading);
  const recorded = ofPolicy(readHostState().networks[network.name]);
  const absent = absentNetworks(reading);
  const isNeeded = hasAnyGuestState() || early.elements.length + recorded.length > 0;
  if (!isNeeded && !changesAbsence(absent) && !hasStandingRules()) {
    await applyAbsence(reading);
    if (early.problems.length === 0) return noRules;
    await locked(() => noteUplinks([]));
    return failedOutcome(early.problems);
  }
  const problems = await locked(async () => {
    // What was read without the lock may have changed since.
    const present = await readForPlan('no guest');
    const { elements, problems } = networkNat(network, present);
    followAbsence(present);
    const ofNetwork = isNeeded
      ? { [network.name]: networkElements(network, elements, recordedFamilies()) }
      : {};
    await changeNetworks({ ...ofNetwork, ...absentNetworks(present) }, wantedOfHost(present));
    restoreLoopback(network.bridge);
    return problems;
  });
  const outcome = await assertOpen();
  if (problems.length === 0) return outcome;
  return { level: 'error', message: [...problems.map(describeWithin), outcome.message].join('; ') };
}

/** Removes the rules of a stopped network. Its guests keep their rules: the network may start again. */
export async function networkDown(name: string): Promise<Outcome> {
  if (!(name in readHostState().networks)) return noRules;
  await locked(() => changeNetworks({ [name]: [] }));
  return { level: 'debug', message: "removed the network's rules" };
}
