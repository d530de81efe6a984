import type { Address } from '../model/address.ts';
import { type Fault, policyFault } from '../model/finding.ts';
import { isInterfaceName } from '../model/interface-name.ts';
import { quoted } from '../model/problem.ts';

export interface PublicSide {
  /** The interfaces that connections with this source address leave through: the public side. */
  readonly interfacesOf: (address: Address) => readonly string[];
}

/**
 * The interfaces of the public side whose rules translate to this source address.
 *
 * @param problems gets what keeps connections from leaving with it
 */
export function outgoingInterfaces(address: Address, host: PublicSide, problems: Fault[]): string[] {
  const interfaces = host.interfacesOf(address);
  if (interfaces.length === 0)
    problems.push(
      policyFault(
        `no connection can leave as ${address}: no interface has it, and the host has no default route`,
        'set interface in [host]',
      ),
    );
  return interfaces.filter((name) => {
    if (isInterfaceName(name)) return true;
    problems.push(
      policyFault(
        `invalid interface name ${quoted(name)}: a rule cannot contain it`,
        'rename the interface, or set interface in [host]',
      ),
    );
    return false;
  });
}
