import { baseRulesetDifferences, entryDifferences } from '../backends/nftables/inspection.ts';
import { listTable, parseListing } from '../backends/nftables/listing.ts';
import { renderPortBaseRuleset } from '../backends/nftables/port-base-ruleset.ts';
import { renderPhysdev } from '../backends/physdev.ts';
import { physdevRules } from '../backends/port-head-rules.ts';
import { type Finding, findingsOf, ruleFault } from '../model/finding.ts';
import { isVif, type VifElement, type VifTable, vifTableOf, vifTables } from '../model/vif.ts';
import {
  bridgedFramesPass,
  bridgedVifs,
  isInPlace,
  uncheckedSources,
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

/** Where the rules of Xen's ports in the kernel differ from the records. */
export async function vifDifferences(): Promise<Finding[]> {
  const lost: Finding = {
    subject: vifCommon,
    problem: "another program replaced guestgate's file: Xen does not call guestgate",
    severity: 'something',
    fix: 'guestgate install',
  };
  return [...(isVifCommonLost() ? [lost] : []), ...(await portDifferences())];
}

/** For an administrator who looks for rules in iptables. */
export function vifRemarks(): Finding[] {
  if (bridgedVifs().length === 0 || bridgedFramesPass('ip') || uncheckedSources() !== undefined) return [];
  const problem =
    'it is not 1, so bridged frames do not pass iptables: guestgate leaves out physdev rules, which would match nothing; a FORWARD chain that drops does not concern bridged guests; table bridge guestgate checks what they send';
  return [{ subject: 'net.bridge.bridge-nf-call-iptables', problem, severity: 'later' }];
}

async function portDifferences(): Promise<Finding[]> {
  if (recordedVifTables().length === 0) return [];
  const vifs = readRecords().flatMap(({ elements }) => elements.filter(isVif));
  const tables = await Promise.all(vifTables.map((table) => tableDifferences(table, vifs)));
  const bridged = vifs.filter(({ way }) => way === 'bridged');
  const unchecked = vifs.some(({ sources }) => sources !== undefined) ? uncheckedSources() : undefined;
  return [
    ...findingsOf('kernel', unchecked === undefined ? [] : [unchecked]),
    ...tables.flat(),
    ...bestComparison('the accepts for bridged guests', () => acceptDifferences(bridged)),
  ];
}

async function tableDifferences(table: VifTable, vifs: readonly VifElement[]): Promise<readonly Finding[]> {
  const own = vifs.filter((vif) => vifTableOf(vif) === table);
  const text = tryRun(listTable(table));
  if (text === undefined)
    return own.length === 0 || !hasProgram('nft')
      ? []
      : findingsOf('kernel', [ruleFault(`the ruleset has no table ${table} guestgate`, 'everything')]);
  const made = await reference(table);
  return bestComparison(`table ${table} guestgate`, () => {
    const listing = parseListing(text, table);
    return findingsOf('kernel', [
      ...entryDifferences(own, listing),
      ...baseRulesetDifferences(listing, parseListing(made, table), table),
    ]);
  });
}

/** The listing that this kernel and this nft give of the same chains, made in a network namespace of their own. */
function reference(table: VifTable): Promise<string> {
  const script = 'nft -f - && exec nft -j list table "$0" guestgate';
  const args = ['-n', 'sh', '-c', script, table];
  return runPatiently(
    { program: 'unshare', args, input: renderPortBaseRuleset(table) },
    'checking our chains',
  );
}

function acceptDifferences(vifs: readonly VifElement[]): Finding[] {
  return vifRules().flatMap(({ place, state }) => {
    const differs = (problem: string) => findingsOf('kernel', [ruleFault(problem)]);
    const wanted = vifs.length > 0 && state.needed && bridgedFramesPass(place.family);
    if (!wanted)
      return state.jumps === 0 ? [] : differs(`unexpected accepts for bridged guests in ${place.name}`);
    if (!isInPlace(state, vifs))
      return differs(`the accepts for bridged guests are not in their place in ${place.name}`);
    const [actual, expected] = [
      physdevRules(tryListing(place.list) ?? ''),
      renderPhysdev(vifs, place.family),
    ];
    const same = [...actual].sort().join('\n') === [...expected].sort().join('\n');
    return same ? [] : differs(`the accepts for bridged guests in ${place.name} were changed`);
  });
}
