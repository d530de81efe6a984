import { baseRulesetDifferences, entryDifferences } from '../backends/nftables/inspection.ts';
import { listTable, parseListing } from '../backends/nftables/listing.ts';
import { renderPortBaseRuleset } from '../backends/nftables/port-base-ruleset.ts';
import { renderPhysdev } from '../backends/physdev.ts';
import { physdevRules } from '../backends/port-head-rules.ts';
import { isVif, type VifElement, type VifTable, vifTableOf, vifTables } from '../model/vif.ts';
import {
  bridgedFramesPass,
  bridgedVifs,
  isInPlace,
  nothingChecks,
  vifRules,
} from '../reconcile/port-rules.ts';
import { recordedVifTables } from '../state/port-tables.ts';
import { readRecords } from '../state/records.ts';
import { hasProgram } from '../system/host.ts';
import { tryListing } from '../system/listing.ts';
import { tryRun } from '../system/run.ts';
import { runPatiently } from '../system/run-patiently.ts';
import { isVifCommonLost, vifCommon } from '../xen/xen-scripts.ts';
import { bestComparison } from './comparison.ts';

/** What of Xen's ports is not in the kernel as the records say. */
export async function vifDifferences(): Promise<string[]> {
  const lost = isVifCommonLost() ? [`${vifCommon} is not guestgate's any more: guestgate install`] : [];
  return [...lost, ...(await portDifferences())];
}

/** What may surprise whoever looks for rules in iptables. */
export function vifRemarks(): string[] {
  if (bridgedVifs().length === 0 || bridgedFramesPass('ip') || nothingChecks() !== undefined) return [];
  return [
    'bridged frames do not pass iptables (net.bridge.bridge-nf-call-iptables is not 1): physdev rules would match nothing and are left out, a FORWARD that drops does not concern bridged guests, and what they send is checked by table bridge guestgate',
  ];
}

async function portDifferences(): Promise<string[]> {
  if (recordedVifTables().length === 0) return [];
  const vifs = readRecords().flatMap(({ elements }) => elements.filter(isVif));
  const tables = await Promise.all(vifTables.map((table) => tableDifferences(table, vifs)));
  const bridged = vifs.filter(({ way }) => way === 'bridged');
  const unchecked = vifs.some(({ sources }) => sources !== undefined) ? nothingChecks() : undefined;
  return [
    ...(unchecked === undefined ? [] : [unchecked]),
    ...tables.flat(),
    ...bestComparison('the accepts for bridged guests', () => acceptDifferences(bridged)),
  ];
}

async function tableDifferences(table: VifTable, vifs: readonly VifElement[]): Promise<readonly string[]> {
  const own = vifs.filter((vif) => vifTableOf(vif) === table);
  const text = tryRun(listTable(table));
  if (text === undefined)
    return own.length === 0 || !hasProgram('nft')
      ? []
      : [`kernel: there is no table ${table} guestgate: guestgate replay`];
  const made = await reference(table);
  return bestComparison(`table ${table} guestgate`, () => {
    const listing = parseListing(text, table);
    return [
      ...entryDifferences(own, listing),
      ...baseRulesetDifferences(listing, parseListing(made, table), table),
    ].map((difference) => `kernel: ${difference}: guestgate replay`);
  });
}

/** The chains as this kernel and this nft would show them: made in a namespace of their own, and listed there. */
function reference(table: VifTable): Promise<string> {
  const script = 'nft -f - && exec nft -j list table "$0" guestgate';
  const args = ['-n', 'sh', '-c', script, table];
  return runPatiently(
    { program: 'unshare', args, input: renderPortBaseRuleset(table) },
    'checking our chains',
  );
}

function acceptDifferences(vifs: readonly VifElement[]): string[] {
  return vifRules().flatMap(({ place, state }) => {
    const wanted = vifs.length > 0 && state.needed && bridgedFramesPass(place.family);
    if (!wanted) {
      const surplus = `kernel: accepts for bridged guests stand in ${place.name} that nobody needs: guestgate replay`;
      return state.jumps === 0 ? [] : [surplus];
    }
    if (!isInPlace(state, vifs))
      return [
        `kernel: the accepts for bridged guests are not in their place in ${place.name}: guestgate replay`,
      ];
    const [actual, expected] = [
      physdevRules(tryListing(place.list) ?? ''),
      renderPhysdev(vifs, place.family),
    ];
    const same = [...actual].sort().join('\n') === [...expected].sort().join('\n');
    return same
      ? []
      : [`kernel: the accepts for bridged guests in ${place.name} were changed: guestgate replay`];
  });
}
