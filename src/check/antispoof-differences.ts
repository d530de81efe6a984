import { inspection } from '../backends/antispoof/inspection.ts';
import {
  type AntispoofElement,
  type AntispoofTable,
  antispoofTables,
  antispoofTablesOf,
  isAccepted,
  isAntispoof,
  isInPortTables,
  type PortTableElement,
} from '../model/antispoof.ts';
import { type Finding, findingsOf, ruleFault } from '../model/finding.ts';
import { acceptedPorts, areNeeded, readAccepts, uncheckedSources } from '../reconcile/antispoof-accepts.ts';
import { recordedAntispoofTables } from '../state/needed-tables.ts';
import { readRecords } from '../state/records.ts';
import { bridgedFramesPass, bridgedFramesSetting, hasProgram } from '../system/host.ts';
import { tryListing } from '../system/listing.ts';
import { tryRun } from '../system/run.ts';
import { runPatiently } from '../system/run-patiently.ts';
import { isVifCommonLost, vifCommon } from '../xen/xen-scripts.ts';
import { bestComparison } from './comparison.ts';

/** Where the rules of guests' ports in the kernel differ from the records; and whether Xen still reports ports. */
export async function antispoofDifferences(): Promise<Finding[]> {
  const lost: Finding = {
    subject: vifCommon,
    problem: "another program replaced guestgate's file: Xen does not call guestgate",
    severity: 'something',
    fix: 'guestgate install',
  };
  return [...(isVifCommonLost() ? [lost] : []), ...(await portDifferences())];
}

/** For an administrator who looks for rules in iptables. */
export function antispoofRemarks(): Finding[] {
  if (acceptedPorts().length === 0 || bridgedFramesPass('ip') || uncheckedSources() !== undefined) return [];
  const problem = `it is not 1, so bridged frames do not pass iptables: guestgate leaves out physdev rules, which would match nothing; a FORWARD chain that drops does not concern bridged guests; ${inspection.title('bridge')} checks what they send`;
  return [{ subject: bridgedFramesSetting('ip'), problem, severity: 'later' }];
}

async function portDifferences(): Promise<Finding[]> {
  if (recordedAntispoofTables().length === 0) return [];
  const all = readRecords().flatMap(({ elements }) => elements.filter(isInPortTables));
  const tables = await Promise.all(antispoofTables.map((table) => tableDifferences(table, all)));
  const accepted = all.filter(isAntispoof).filter(isAccepted);
  const unchecked = accepted.some(({ sources }) => sources !== undefined) ? uncheckedSources() : undefined;
  return [
    ...findingsOf('kernel', unchecked === undefined ? [] : [unchecked]),
    ...tables.flat(),
    ...bestComparison('the accepts for bridged guests', () => acceptDifferences(accepted)),
  ];
}

async function tableDifferences(
  table: AntispoofTable,
  ports: readonly PortTableElement[],
): Promise<readonly Finding[]> {
  const listing = tryRun(inspection.list(table));
  if (listing === undefined)
    return hasProgram('nft') && ports.some((port) => antispoofTablesOf(port).includes(table))
      ? findingsOf('kernel', [ruleFault(`the ruleset has no ${inspection.title(table)}`, 'everything')])
      : [];
  const made = await reference(table);
  return bestComparison(inspection.title(table), () =>
    findingsOf('kernel', inspection.differences(ports, table, listing, made)),
  );
}

/** The listing that this kernel and this nft give of the same chains, made in a network namespace of their own. */
function reference(table: AntispoofTable): Promise<string> {
  const { script, input } = inspection.reference(table);
  return runPatiently({ program: 'unshare', args: ['-n', 'sh', '-c', script], input }, 'checking our chains');
}

function acceptDifferences(ports: readonly AntispoofElement[]): Finding[] {
  return readAccepts().flatMap(({ place, state }) => {
    const differs = (problem: string) => findingsOf('kernel', [ruleFault(problem)]);
    if (!areNeeded({ place, state }, ports))
      return state.jumps === 0 ? [] : differs(`unexpected accepts for bridged guests in ${place.name}`);
    if (!place.isInPlace(state, ports))
      return differs(`the accepts for bridged guests are not in their place in ${place.name}`);
    return inspection.hasAccepts(ports, place.family, tryListing(place.list) ?? '')
      ? []
      : differs(`the accepts for bridged guests in ${place.name} were changed`);
  });
}
