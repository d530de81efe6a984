import type { Address } from '../model/address.ts';
import type { HostView } from './plan.ts';

/** The host as a plan sees it, and the answers that the plan got, by address. They are complete when the plan is made. */
export function notingUplinks(host: HostView): {
  readonly view: HostView;
  readonly uplinks: { readonly [address: Address]: readonly string[] };
} {
  const uplinks: { [address: Address]: readonly string[] } = {};
  const interfacesOf = (address: Address) => {
    const interfaces = host.interfacesOf(address);
    uplinks[address] = interfaces;
    return interfaces;
  };
  return { view: { ...host, interfacesOf }, uplinks };
}
