import type { Address, Family } from '../model/address.ts';
import { type Element, type ForwardElement, familyOfElement } from '../model/element.ts';
import type { GuestDriver, LibvirtDriver } from '../model/guest.ts';
import type { GuestRecord } from '../state/records.ts';

/** The families of the guests' elements; IPv4 while there is none. */
export function familiesInUse(records: readonly GuestRecord[]): Family[] {
  const families = new Set(records.flatMap(({ elements }) => elements.map(familyOfElement)));
  return families.size === 0 ? ['ip'] : [...families].sort();
}

/** A forward and its guest. */
export interface OwnedForward {
  readonly guest: string;
  readonly driver: GuestDriver;
  readonly element: ForwardElement;
}

export function forwardsOf(records: readonly GuestRecord[]): OwnedForward[] {
  return records.flatMap(({ guest, elements }) =>
    elements.flatMap((element) =>
      element.kind === 'forward' ? [{ guest: guest.name, driver: guest.driver, element }] : [],
    ),
  );
}

/** The exact addresses of the host that elements use, each with its guest. */
export function hostAddressesOf(records: readonly GuestRecord[]): { guest: string; address: Address }[] {
  const found = new Map<string, { guest: string; address: Address }>();
  for (const { guest, elements } of records)
    for (const address of elements.flatMap(addressOf))
      found.set(`${guest.name} ${address}`, { guest: guest.name, address });
  return [...found.values()];
}

function addressOf(element: Element): Address[] {
  switch (element.kind) {
    case 'forward':
      return element.host === 'any' || element.host === 'any6' || element.host.startsWith('127.')
        ? []
        : [element.host];
    case 'one-to-one':
      return [element.host];
    case 'source-nat':
      return [element.address];
    default:
      return [];
  }
}

/** virsh connects to the qemu driver unless -c names another one (https://libvirt.org/uri.html). */
export const virshOf: Readonly<{ [driver in LibvirtDriver]: string }> = {
  qemu: 'virsh',
  lxc: 'virsh -c lxc:///system',
  libxl: 'virsh -c xen:///system',
};
