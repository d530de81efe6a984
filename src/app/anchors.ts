import type { AnchorState } from '../backends/anchor-state.ts';
import { type AnchorPlace, anchorPlaces, iptablesOf } from '../backends/anchors.ts';
import type { Family } from '../model/address.ts';
import { messageOf } from '../model/problem.ts';
import { hasLegacyFilter, hasProgram, hostFamilies } from '../system/host.ts';
import { listRules } from '../system/netlink-rules.ts';
import { recordedFamilies } from '../system/records.ts';
import { run, tryRun } from '../system/run.ts';

/** Where anchors go on this host; by default in the families that any guest here has something of. */
function places(families: readonly Family[] = recordedFamilies()): AnchorPlace[] {
  return families.flatMap((family) => {
    const iptables = iptablesOf(family);
    const host = {
      legacyFilter: hasLegacyFilter(family),
      iptables: hasProgram(`${iptables}-nft-restore`, `${iptables}-restore`),
    };
    return anchorPlaces(host, family);
  });
}

/** How our anchor stands there now: asked of the kernel, or of nft where the kernel cannot be asked. */
function look({ native, list, judge }: AnchorPlace): AnchorState {
  const rules = native && listRules(native.chain);
  if (native === undefined || rules === undefined) return judge(tryRun(list));
  return native.judge(rules === 'missing' ? undefined : rules);
}

/**
 * Puts our anchor first in every foreign chain that could reject what we admit, where it is not. To be called
 * with the lock held: two at once would put it there twice.
 *
 * @param always also where it stands first already: its chain is written anew
 * @returns what could not be done
 */
export function assertAnchors(mark: number, always = false): string[] {
  return places().flatMap((place) => {
    const state = look(place);
    if (!state.needed || (state.first && !always)) return [];
    try {
      run(place.assert(state, mark), `putting the accept first in ${place.name}`);
      return [];
    } catch (error) {
      return [messageOf(error)];
    }
  });
}

/** Takes the anchors away. */
export function removeAnchors(): void {
  for (const place of places(hostFamilies())) {
    const state = look(place);
    if (state.found.length > 0) run(place.remove(state), `removing the accept from ${place.name}`);
  }
}

/** Where the anchors stand: for `check` and `status`. */
export function anchorStates() {
  return places().map((place) => ({ name: place.name, ...look(place) }));
}
