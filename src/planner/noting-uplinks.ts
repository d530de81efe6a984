import type { Address } from '../model/address.ts';
import type { HostView } from './host-view.ts';

/** The host as a plan sees it, and the answers that the plan got, by address. They are complete when the plan is made. */
export interface NotedUplinks {
  readonly view: HostView;
  readonly uplinks: { readonly [address: Address]: readonly string[] };
  /** The same for the addresses of interfaces, by the interface's name. */
  readonly uplinkAddresses: { readonly [interface_: string]: readonly Address[] };
}

export function notingUplinks(host: HostView): NotedUplinks {
  const uplinks: { [address: Address]: readonly string[] } = {};
  const interfacesOf = (address: Address) => {
    const interfaces = host.interfacesOf(address);
    uplinks[address] = interfaces;
    return interfaces;
  };
  const uplinkAddresses: { [interface_: string]: readonly Address[] } = {};
  const addressesOn = (name: string) => {
    const addresses = host.addressesOn(name);
    uplinkAddresses[name] = addresses;
    return addresses;
  };
  return { view: { ...host, interfacesOf, addressesOn }, uplinks, uplinkAddresses };
}

/** The answers, as far as there are any. */
export function answersOf({
  uplinks,
  uplinkAddresses,
}: NotedUplinks): Partial<Pick<NotedUplinks, 'uplinks' | 'uplinkAddresses'>> {
  return {
    ...(Object.keys(uplinks).length > 0 && { uplinks }),
    ...(Object.keys(uplinkAddresses).length > 0 && { uplinkAddresses }),
  };
}
