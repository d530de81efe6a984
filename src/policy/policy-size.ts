import type { GuestPolicy, SizeLimits } from '../model/policy.ts';
import { mostRanges, weightOf } from './kernel-work.ts';

/** What the limits count in a policy. */
export type PolicySize = Readonly<Record<keyof SizeLimits, number>>;

/**
 * How large a policy is. guestgate's work, and the rules in the kernel, grow with these numbers. A range that keeps its
 * numbers is one entry in the kernel, however long; a shifted range is an entry for each port.
 */
export function sizeOf(policy: GuestPolicy): PolicySize {
  const { forwards = [], open = [], publicAddresses = [], snat = [], allowFrom = [], denyFrom = [] } = policy;
  const places = [...forwards, ...open];
  const ofPlaces = places.reduce((sum, { from = allowFrom }) => sum + from.length, 0);
  const ofAddresses = Math.max(publicAddresses.length, 1) * allowFrom.length;
  const shifted = forwards.filter(({ ports, to }) => ports.first !== to && ports.first !== ports.last);
  return {
    forwards: places.length + publicAddresses.length + snat.length,
    shiftedPorts: shifted.reduce((sum, { ports }) => sum + ports.last - ports.first + 1, 0),
    sources: denyFrom.length + ofPlaces + ofAddresses,
  };
}

/** The limits as a file writes them, and what each counts. */
export const limitNames: Readonly<Record<keyof SizeLimits, readonly [key: string, counted: string]>> = {
  forwards: ['forwards', 'forwards, open ports and public addresses'],
  shiftedPorts: ['shifted_ports', 'ports in shifted ranges'],
  sources: ['sources', 'source networks, counted once per forward and open port'],
};

/** A limit that a policy is beyond. */
export interface Excess {
  /** As a file writes it. Undefined: no key raises the limit. */
  readonly key?: string;
  /** `the policy has 100 forwards, open ports and public addresses; the limit is 64`. */
  readonly problem: string;
}

/** The limits that a policy is beyond. */
export function excessOf(policy: GuestPolicy, limits: SizeLimits): Excess[] {
  const size = sizeOf(policy);
  const excess: Excess[] = (Object.keys(limitNames) as (keyof SizeLimits)[])
    .filter((limit) => size[limit] > limits[limit])
    .map((limit) => {
      const [key, counted] = limitNames[limit];
      return { key, problem: `the policy has ${size[limit]} ${counted}; the limit is ${limits[limit]}` };
    });
  // Within these limits it takes little time to weigh it.
  const weight = excess.length > 0 ? 0 : weightOf(policy);
  if (weight <= mostRanges) return excess;
  const problem = `the ranges of ports, and the ports with sources, limits or masquerade, weigh as much as ${weight} ranges in one set; the limit is ${mostRanges}`;
  return [{ problem }];
}

/** What ends it. @param table the one that has the keys */
export function remedyOf({ key }: Excess, table: 'limits' | 'metadata_limits'): string {
  return key === undefined
    ? 'write neighbouring ranges as one, restrict longer ranges, or divide the policy among guests'
    : `raise ${key} in [host.${table}]`;
}
