import { type Address, baseOf, contains, type Network } from '../model/address.ts';
import type { AntispoofElement } from '../model/antispoof.ts';
import { type Fault, policyFault } from '../model/finding.ts';
import type { Nic } from '../model/guest.ts';
import { isInterfaceName } from '../model/interface-name.ts';
import { isMac } from '../model/mac.ts';
import type { GuestPolicy, HostPolicy } from '../model/policy.ts';
import { quoted } from '../model/problem.ts';
import { emulatedPort, type Vif } from '../model/vif.ts';
import { checksSources, closedBy } from './plan-access.ts';
import { invalidName, ownSources, type Ports, planCheckedPorts } from './plan-checked-ports.ts';

/** The elements of a guest's ports on the host, whatever its policy forwards, and the parts that cannot be done. */
export interface VifPlan {
  readonly elements: readonly AntispoofElement[];
  readonly problems: readonly Fault[];
}

/**
 * The ports of a Xen guest's interfaces, each with the sources that it may use, and those of other hypervisors' guests that a
 * policy checks.
 *
 * @param own the guest's addresses, as far as they are known
 */
export function planVifs(
  { nics, driver }: Ports,
  policy: Pick<GuestPolicy, 'isolated' | 'antispoof' | 'access'>,
  host: Pick<HostPolicy, 'vifRules'>,
  own: readonly Address[] = [],
): VifPlan {
  const problems: Fault[] = [];
  const checks = checksSources(policy);
  const closed = closedBy(policy);
  const elements = nics.flatMap((nic) =>
    nic.vif === undefined || nic.tap === undefined
      ? []
      : planNic(
          nic,
          checks ? { ...nic.vif, sources: sourcesOf(nic, nic.vif, own, closed) } : nic.vif,
          nic.tap,
          { isolated: policy.isolated === true, closed, ...host },
          problems,
        ),
  );
  const isolated = policy.isolated === true;
  if (!checks && closed === undefined && !isolated) return { elements, problems };
  const checked = planCheckedPorts({ nics, driver }, checks ? own : undefined, closed, isolated);
  return { elements: [...elements, ...checked.elements], problems: [...problems, ...checked.problems] };
}

/**
 * What a checked interface may send from. Rules confine single addresses: a confined guest sends from no network of its `ip=`, but from
 * those of its addresses that this allows.
 */
function sourcesOf(
  nic: Nic,
  { sources }: Vif,
  own: readonly Address[],
  closed: AntispoofElement['closed'],
): readonly Network[] {
  const known = ownSources(nic, own);
  if (sources === undefined) return known;
  if (closed === undefined) return sources;
  return known.filter((one) => sources.some((network) => contains(network, baseOf(one))));
}

interface PortOptions {
  readonly isolated: boolean;
  readonly closed: AntispoofElement['closed'];
  readonly vifRules?: 'bottom';
}

function planNic(
  { mac, bridge }: Nic,
  { way, emulated, sources, strange = [] }: Vif,
  tap: string,
  { isolated, closed, vifRules }: PortOptions,
  problems: Fault[],
): AntispoofElement[] {
  for (const text of strange)
    problems.push(policyFault(`invalid ip= ${quoted(text)} of ${quoted(tap)}: neither address nor network`));
  if (way === 'switched') {
    if (sources !== undefined || isolated || closed !== undefined)
      problems.push(
        policyFault(
          `guestgate does not check what is sent through ${quoted(tap)}: it is on Open vSwitch, whose frames pass no rule of the host`,
        ),
      );
    return [];
  }
  return (emulated ? [tap, emulatedPort(tap)] : [tap]).flatMap((port) => {
    if (!isInterfaceName(port)) {
      problems.push(invalidName(port));
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
      ...(closed !== undefined && { closed }),
      ...(vifRules !== undefined && way === 'bridged' && { bottom: true as const }),
    };
  });
}
