import { families, familyOf } from '../model/address.ts';
import { isEverywhere } from '../model/host-address.ts';
import type { Forward } from '../model/policy.ts';
import { overlap } from '../model/port.ts';

/** What decides where on the host a forward is. */
type Placed = Pick<Forward, 'host' | 'uplink' | 'protocol' | 'ports'>;

/**
 * Whether one packet could fall under both forwards, as far as their texts tell: `80` is at any address of both families, `[::]:80`
 * at any of one, and each uplink has addresses of its own. Pure.
 */
export function clash(a: Placed, b: Placed): boolean {
  return a.protocol === b.protocol && overlap(a.ports, b.ports) && meet(a, b);
}

function meet(a: Placed, b: Placed): boolean {
  if (a.uplink !== undefined && b.uplink !== undefined) return a.uplink === b.uplink;
  const share = families.some((family) => isOf(a.host, family) && isOf(b.host, family));
  // Whether an uplink has the other's address, the plan tells.
  if (a.uplink !== undefined || b.uplink !== undefined)
    return isEverywhere(a.uplink === undefined ? a.host : b.host);
  return share && (isEverywhere(a.host) || isEverywhere(b.host) || a.host === b.host);
}

function isOf(host: Placed['host'], family: (typeof families)[number]): boolean {
  return host === 'any' || familyOf(host) === family;
}
