import type { AntispoofElement } from '../model/antispoof.ts';
import type { Guest, Nic } from '../model/guest.ts';
import { isInterfaceName } from '../model/interface-name.ts';
import { isMac } from '../model/mac.ts';
import type { GuestPolicy, HostPolicy } from '../model/policy.ts';
import { quoted } from '../model/problem.ts';
import { emulatedPort, type Vif } from '../model/vif.ts';

/** What a guest's ports on the host need, whatever its policy forwards; and what of it cannot be done. */
export interface VifPlan {
  readonly elements: readonly AntispoofElement[];
  readonly problems: readonly string[];
}

/** The ports of a Xen guest's interfaces, each with what may come from it. Others' guests have none. */
export function planVifs(
  { nics }: Pick<Guest, 'nics'>,
  policy: Pick<GuestPolicy, 'isolated'>,
  host: Pick<HostPolicy, 'vifRules'>,
): VifPlan {
  const problems: string[] = [];
  const elements = nics.flatMap((nic) =>
    nic.vif === undefined || nic.tap === undefined
      ? []
      : planNic(nic, nic.vif, nic.tap, { isolated: policy.isolated === true, ...host }, problems),
  );
  return { elements, problems };
}

function planNic(
  { mac }: Nic,
  { way, emulated, sources, strange = [] }: Vif,
  tap: string,
  { isolated, vifRules }: { readonly isolated: boolean; readonly vifRules?: 'bottom' },
  problems: string[],
): AntispoofElement[] {
  for (const text of strange)
    problems.push(`ip= of ${quoted(tap)} names ${quoted(text)}, which is neither address nor network`);
  if (way === 'switched') {
    if (sources !== undefined || isolated)
      problems.push(
        `${quoted(tap)} is on Open vSwitch, whose frames no rule of the host sees: what its guest sends is not checked`,
      );
    return [];
  }
  return (emulated ? [tap, emulatedPort(tap)] : [tap]).flatMap((port) => {
    if (!isInterfaceName(port)) {
      problems.push(`${quoted(port)} is an interface name that no rule can hold: choose another vifname`);
      return [];
    }
    return {
      kind: 'vif',
      port,
      way,
      ...(mac !== undefined && isMac(mac) && { mac }),
      ...(sources !== undefined && { sources }),
      ...(isolated && way === 'bridged' && { isolated }),
      ...(vifRules !== undefined && way === 'bridged' && { bottom: true as const }),
    };
  });
}
