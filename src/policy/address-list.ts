import {
  type Address,
  families,
  familyName,
  familyOf,
  mergeNetworks,
  type Network,
  parseNetwork,
} from '../model/address.ts';
import type { Problem } from '../model/problem.ts';
import { parseUnicast } from './unicast.ts';
import { type Place, problemAt } from './validate.ts';

/** A key's addresses, one or several; reports invalid ones. */
export function readAddresses(
  key: string,
  texts: string | readonly string[] | undefined,
  place: Place,
  problems: Problem[],
): Address[] | undefined {
  if (texts === undefined) return undefined;
  const parsed = [texts].flat().flatMap((text, index) => {
    const address = parseUnicast(text);
    if (typeof address === 'string') return [address];
    const below = typeof texts === 'string' ? [key] : [key, index];
    problems.push(problemAt(place, below, `${key}: ${address.problem}`, address.hint));
    return [];
  });
  return [...new Set(parsed)];
}

/** The networks of a list of who may; of both families. */
export function readNetworks(
  path: readonly (string | number)[],
  texts: string | readonly string[] | undefined,
  place: Place,
  problems: Problem[],
): Network[] | undefined {
  if (texts === undefined) return undefined;
  const parsed = [texts].flat().flatMap((text, index) => {
    const network = parseNetwork(text);
    if (network !== undefined) return [network];
    const hint = 'like 198.51.100.0/24, 198.51.100.7 or 2001:db8:7::/48';
    const below = typeof texts === 'string' ? path : [...path, index];
    problems.push(problemAt(place, below, `${path.at(-1)}: invalid network "${text}"`, hint));
    return [];
  });
  return mergeNetworks(parsed);
}

/** Forwards lead to one address of a guest per family, and a network has one source address per family. */
export function checkOneEach(
  key: 'address' | 'snat',
  addresses: readonly Address[],
  place: Place,
  problems: Problem[],
): void {
  for (const family of families) {
    const several = addresses.filter((address) => familyOf(address) === family);
    if (several.length > 1) {
      const what = `${key}: ${several.join(' and ')} are two ${familyName(family)} addresses`;
      const which = key === 'address' ? 'for forwards' : 'as source of the guests';
      problems.push(problemAt(place, [key], what, `keep one ${which}`));
    }
  }
}

/** Of several public addresses `snat` may name the one to leave with, and no other. */
export function checkSourceAddress(
  snat: readonly Address[],
  publicAddresses: readonly Address[],
  place: Place,
  problems: Problem[],
): void {
  const contradicted = snat.some((address) => {
    const own = publicAddresses.filter((one) => familyOf(one) === familyOf(address));
    return own.length > 0 && !own.includes(address);
  });
  if (!contradicted) return;
  const what = 'public_address already sets the source address of the guest';
  problems.push(problemAt(place, ['snat'], what, 'remove one of them'));
}
