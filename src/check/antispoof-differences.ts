import { inspection } from '../backends/antispoof/inspection.ts';
import {
  type AntispoofElement,
  type AntispoofTable,
  antispoofTableOf,
  antispoofTables,
  isAntispoof,
} from '../model/antispoof.ts';
import { areNeeded, bridgedPorts, nothingChecks, readAccepts } from '../reconcile/antispoof-accepts.ts';
import { recordedAntispoofTables } from '../state/needed-tables.ts';
import { readRecords } from '../state/records.ts';
import { bridgedFramesPass, bridgedFramesSetting, hasProgram } from '../system/host.ts';
import { tryListing } from '../system/listing.ts';
import { tryRun } from '../system/run.ts';
import { runPatiently } from '../system/run-patiently.ts';
import { isVifCommonLost, vifCommon } from '../xen/xen-scripts.ts';
import { bestComparison } from './comparison.ts';

/** What guests' ports may send in the kernel, where it is not as the records say; and whether Xen still reports ports. */
export async function antispoofDifferences(): Promise<string[]> {
  const lost = isVifCommonLost() ? [`${vifCommon} is not guestgate's any more: guestgate install`] : [];
  return [...lost, ...(await portDifferences())];
}

/** What may surprise an administrator who looks for rules in iptables. */
export function antispoofRemarks(): string[] {
  if (bridgedPorts().length === 0 || bridgedFramesPass('ip') || nothingChecks() !== undefined) return [];
  return [
    `bridged frames do not pass iptables (${bridgedFramesSetting('ip')} is not 1): physdev rules would match nothing and are left out, a FORWARD that drops does not concern bridged guests, and what they send is checked by ${inspection.title('bridge')}`,
  ];
}

async function portDifferences(): Promise<string[]> {
  if (recordedAntispoofTables().length === 0) return [];
  const ports = readRecords().flatMap(({ elements }) => elements.filter(isAntispoof));
  const tables = await Promise.all(antispoofTables.map((table) => tableDifferences(table, ports)));
  const bridged = ports.filter(({ way }) => way === 'bridged');
  const unchecked = ports.some(({ sources }) => sources !== undefined) ? nothingChecks() : undefined;
  return [
    ...(unchecked === undefined ? [] : [unchecked]),
    ...tables.flat(),
    ...bestComparison('the accepts for bridged guests', () => acceptDifferences(bridged)),
  ];
}

async function tableDifferences(
  table: AntispoofTable,
  ports: readonly AntispoofElement[],
): Promise<readonly string[]> {
  const listing = tryRun(inspection.list(table));
  if (listing === undefined)
    return hasProgram('nft') && ports.some((port) => antispoofTableOf(port) === table)
      ? [`kernel: there is no ${inspection.title(table)}: guestgate replay`]
      : [];
  const made = await reference(table);
  return bestComparison(inspection.title(table), () =>
    inspection
      .differences(ports, table, listing, made)
      .map((difference) => `kernel: ${difference}: guestgate replay`),
  );
}

/** The table as this kernel and this nft show it: made in a namespace of its own, and listed there. */
function reference(table: AntispoofTable): Promise<string> {
  const { script, input } = inspection.reference(table);
  return runPatiently({ program: 'unshare', args: ['-n', 'sh', '-c', script], input }, 'checking our chains');
}

function acceptDifferences(ports: readonly AntispoofElement[]): string[] {
  return readAccepts().flatMap(({ place, state }) => {
    if (!areNeeded({ place, state }, ports)) {
      const surplus = `kernel: accepts for bridged guests stand in ${place.name} that nobody needs: guestgate replay`;
      return state.jumps === 0 ? [] : [surplus];
    }
    if (!place.isInPlace(state, ports))
      return [
        `kernel: the accepts for bridged guests are not in their place in ${place.name}: guestgate replay`,
      ];
    return inspection.hasAccepts(ports, place.family, tryListing(place.list) ?? '')
      ? []
      : [`kernel: the accepts for bridged guests in ${place.name} were changed: guestgate replay`];
  });
}
