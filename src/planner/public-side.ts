/** What decides which interfaces connections with a source address leave through. */
export interface PublicSideFacts {
  /** The interfaces that hold the address. */
  readonly holding: readonly string[];
  /** The interfaces that held it last. */
  readonly heldLast: readonly string[];
  /** `interface` in `[host]`. */
  readonly configured: readonly string[] | undefined;
  /** The interface of the default route of the address's family. */
  readonly defaultRoute: string | undefined;
}

/**
 * The interfaces that connections with this source address leave through. An address belongs to the interface that holds it,
 * also while that interface is down or away: another uplink must not send its packets. An address that no interface has held
 * is one that a router sends to this host: it leaves through the public side.
 */
export function publicSide({
  holding,
  heldLast,
  configured,
  defaultRoute,
}: PublicSideFacts): readonly string[] {
  if (holding.length > 0) return holding;
  if (heldLast.length > 0) return heldLast;
  return configured ?? (defaultRoute === undefined ? [] : [defaultRoute]);
}
