import type { NicSurroundings } from '../libvirt/address-sources.ts';
import { type Address, contains } from '../model/address.ts';
import { claimOf } from '../model/element-claims.ts';
import type { GuestId } from '../model/guest.ts';
import { loopbackAddress } from '../model/host-address.ts';
import { quoted } from '../model/problem.ts';
import { shellWord } from '../model/shell-word.ts';
import type { GuestRecord } from '../state/records.ts';
import type { Check, HostFinding } from './check.ts';

/** A guest with forwards on a network of libvirt's without `<forward>`. */
export interface IsolatedGuest {
  readonly guest: GuestId;
  readonly network: string;
  readonly addresses: readonly Address[];
}

/**
 * An isolated network's DHCP and router advertisements name no router (https://libvirt.org/formatnetwork.html, "Isolated
 * network"): its guests have no way back to clients on other networks.
 */
export function judgeIsolated(guests: readonly IsolatedGuest[]): HostFinding[] {
  return guests.map(({ guest, network, addresses }) => ({
    severity: 'something',
    subject: { guest },
    problem: `network ${quoted(network)} is isolated, and gives its guests no router: ${addresses.join(' and ')} cannot answer clients on other networks`,
    advice: 'set masquerade = true for the guest or its forwards, or give the guest a route',
    fix: `virsh net-dumpxml ${shellWord(network)}`,
  }));
}

export const isolatedNetworks: Check = async ({ records, reading }) => {
  const found: IsolatedGuest[] = [];
  for (const record of records) {
    const targets = withoutMasquerade(record);
    if (targets.length === 0) continue;
    for (const { network } of await reading.surroundingsOf(record.guest)) {
      const addresses = targets.filter((address) => isOn(network, address));
      const { driver, name } = record.guest;
      if (network?.isolated === true && addresses.length > 0)
        found.push({ guest: { driver, name }, network: network.name, addresses });
    }
  }
  return judgeIsolated(found);
};

function isOn(network: NicSurroundings['network'], address: Address): boolean {
  return network?.gateways.some((gateway) => contains(gateway.network, address)) === true;
}

/** The guest's addresses that see the clients' own addresses. */
function withoutMasquerade({ elements }: GuestRecord): Address[] {
  const masqueraded = new Set(
    elements.flatMap((one) => (one.kind === 'masquerade' ? [JSON.stringify(one.claim)] : [])),
  );
  const targets = elements.flatMap((one) =>
    (one.kind === 'forward' && one.host !== loopbackAddress) || one.kind === 'one-to-one'
      ? masqueraded.has(JSON.stringify(claimOf(one)))
        ? []
        : [one.guest]
      : [],
  );
  return [...new Set(targets)];
}
