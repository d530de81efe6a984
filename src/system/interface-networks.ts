import { families, type Network } from '../model/address.ts';
import { isInterface } from './host.ts';
import { interfaceRoutes } from './routes.ts';

/**
 * The networks that an interface leads to, by the routes of the main table: those of its own addresses, also while it has no carrier,
 * and those behind it.
 *
 * @returns undefined if the host has no interface of that name
 */
export function interfaceNetworks(name: string): readonly Network[] | undefined {
  if (!isInterface(name)) return undefined;
  return families.flatMap((family) =>
    interfaceRoutes(family).flatMap((route) => (route.interface === name ? [route.network] : [])),
  );
}
