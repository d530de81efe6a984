import type { Address } from '../model/address.ts';

/** The facts of the host that decide how a namespace is made. */
export interface NamespaceFacts {
  readonly interfaceKind: (name: string) => 'bridge' | 'port' | undefined;
  /** The addresses of the host. */
  readonly held: readonly { readonly interface: string; readonly address: Address }[];
  /** The next hops of its default routes. */
  readonly routers: readonly { readonly interface: string; readonly address: Address }[];
  /** machine-id(5). */
  readonly machine: string;
}
