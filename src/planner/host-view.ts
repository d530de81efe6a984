import type { Address } from '../model/address.ts';
import type { PublicSide } from './outgoing-interfaces.ts';

/** The facts of the host that a plan depends on. */
export interface HostView extends PublicSide {
  /** The host's addresses at which forwards without an address of their own are reachable. */
  readonly addresses: readonly Address[] | 'any';
  /** The addresses of one of its interfaces, which others can reach. */
  readonly addressesOn: (interface_: string) => readonly Address[];
}
