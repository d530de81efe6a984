import type { AntispoofElement } from '../model/antispoof.ts';
import { type Fault, policyFault } from '../model/finding.ts';
import type { Guest, Nic } from '../model/guest.ts';
import { isInterfaceName } from '../model/interface-name.ts';
import { isMac } from '../model/mac.ts';
import type { GuestPolicy, HostPolicy } from '../model/policy.ts';
import { quoted } from '../model/problem.ts';
import { emulatedPort, type Vif } from '../model/vif.ts';

/** The elements of a guest's ports on the host, whatever its policy forwards, and the parts that cannot be done. */
export interface VifPlan {
  readonly elements: readonly AntispoofElement[];
  readonly problems: readonly Fault[];
}

/** The ports of a Xen guest's interfaces, each with the sources that it may use. Guests of other hypervisors have none. */
export function planVifs(
  { nics }: Pick<Guest, 'nics'>,
  policy: Pick<GuestPolicy, 'isolated'>,
  host: Pick<HostPolicy, 'vifRules'>,
): VifPlan {
  const problems: Fault[] = [];
  const elements = nics.flatMap((nic) =>
    nic.vif === undefined || nic.tap === undefined
      ? []
      : planNic(nic, nic.vif, nic.tap, { isolated: policy.isolated === true, ...host }, problems),
  );
  return { elements, problems };
}

function planNic(
  { mac, bridge }: Nic,
  { way, emulated, sources, strange = [] }: Vif,
  tap: string,
  { isolated, vifRules }: { readonly isolated: boolean; readonly vifRules?: 'bottom' },
  problems: Fault[],
): AntispoofElement[] {
  for (const text of strange)
    problems.push(policyFault(`invalid ip= ${quoted(text)} of ${quoted(tap)}: neither address nor network`));
  if (way === 'switched') {
    if (sources !== undefined || isolated)
      problems.push(
        policyFault(
          `guestgate does not check what is sent through ${quoted(tap)}: it is on Open vSwitch, whose frames pass no rule of the host`,
        ),
      );
    return [];
  }
  return (emulated ? [tap, emulatedPort(tap)] : [tap]).flatMap((port) => {
    if (!isInterfaceName(port)) {
      problems.push(
        policyFault(
          `invalid interface name ${quoted(port)}: a rule cannot contain it`,
          'choose another vifname',
        ),
      );
      return [];
    }
    return {
      kind: 'vif',
      port,
      way,
      ...(way === 'bridged' && bridge !== undefined && isInterfaceName(bridge) && { bridge }),
      ...(mac !== undefined && isMac(mac) && { mac }),
      ...(sources !== undefined && { sources }),
      ...(isolated && way === 'bridged' && { isolated }),
      ...(vifRules !== undefined && way === 'bridged' && { bottom: true as const }),
    };
  });
}
