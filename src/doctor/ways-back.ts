import { type Address, type Family, families, familyOf } from '../model/address.ts';
import type { Element } from '../model/element.ts';
import type { GuestId } from '../model/guest.ts';
import { type HostAddress, isAny } from '../model/host-address.ts';
import { askIp, versionOf } from '../system/ask-ip.ts';
import { askRoutes, type RouteQuestion } from '../system/ask-routes.ts';
import { distantAddress } from '../system/source-address.ts';
import type { HeldAddress } from '../system/uplinks.ts';
import type { Check, DoctorContext, HostFinding } from './check.ts';

/** Where answers of a guest leave, and where the connections to its forwards come in. */
export interface WayBack {
  readonly guest: GuestId;
  readonly address: Address;
  /** The bridge or the port that the guest's packets come by. */
  readonly inside: string;
  readonly uplinks: readonly string[];
  /** The interfaces that answers to distant clients leave by, for each mark that a rule of ip-rule(8) asks for, too. */
  readonly out: readonly string[];
}

/**
 * The kernel routes an answer by its destination, and where ip-rule(8) says so by its source, which is the guest's own address
 * there: it is translated after that. Most providers drop what leaves by another uplink than it came in by.
 */
export function judgeWaysBack(ways: readonly WayBack[]): HostFinding[] {
  return ways.flatMap(({ guest, address, inside, uplinks, out }): HostFinding[] => {
    const cut = uplinks.filter((name) => !out.includes(name));
    if (cut.length === 0) return [];
    const leaving = out.length === 0 ? 'have no route' : `leave by ${out[0]}`;
    const distant = distantAddress(familyOf(address));
    return [
      {
        severity: 'something',
        subject: { guest },
        problem: `distant clients that come in by ${cut.join(' or ')} get no answer from ${address}: its answers ${leaving}`,
        advice: 'route answers back to the uplink that the connection came in by: docs/howto/uplinks.md',
        fix: `ip ${versionOf(familyOf(address))} route get ${distant} from ${address} iif ${inside}`,
      },
    ];
  });
}

export const waysBack: Check = (context) =>
  judgeWaysBack(families.flatMap((family) => waysOf(placesOf(family, context), family)));

/** A guest's address, and the uplinks by which connections reach its forwards. */
interface GuestPlace {
  readonly guest: GuestId;
  readonly address: Address;
  readonly uplinks: readonly string[];
}

function placesOf(family: Family, { records, reading, survey }: DoctorContext): GuestPlace[] {
  if (!records.some(({ elements }) => elements.some((element) => placeOf(element, family) !== undefined)))
    return [];
  const own = reading.ownAddresses().filter(({ address }) => familyOf(address) === family);
  const uplinks = survey().get(family)?.sides.uplinks ?? [];
  const arriving = (address: HostAddress) =>
    isAny(address) ? uplinks : uplinks.filter((name) => isHeldBy(name, address, own));
  return records.flatMap((record): GuestPlace[] => {
    const byGuest = new Map<Address, Set<string>>();
    for (const element of record.elements) {
      const place = placeOf(element, family);
      if (place === undefined) continue;
      const names = byGuest.get(place.guest) ?? new Set();
      for (const name of arriving(place.host)) names.add(name);
      byGuest.set(place.guest, names);
    }
    const { driver, name } = record.guest;
    return [...byGuest]
      .filter(([, names]) => names.size > 0)
      .map(([address, names]) => ({ guest: { driver, name }, address, uplinks: [...names] }));
  });
}

function isHeldBy(name: string, address: HostAddress, own: readonly HeldAddress[]): boolean {
  return own.some((one) => one.address === address && one.interface === name);
}

function placeOf(element: Element, family: Family) {
  if (element.kind !== 'forward' && element.kind !== 'one-to-one') return undefined;
  if (familyOf(element.guest) !== family || element.host.startsWith('127.')) return undefined;
  return { host: element.host, guest: element.guest };
}

function waysOf(places: readonly GuestPlace[], family: Family): WayBack[] {
  if (places.length === 0) return [];
  const towards = askRoutes(
    family,
    places.map(({ address }) => ({ to: address })),
  );
  const marks = routingMarks(family);
  const questionsOf = (address: Address, inside: string): RouteQuestion[] =>
    marks.map((mark) => ({ to: distantAddress(family), from: address, through: inside, mark }));
  const known = places.flatMap((place) => {
    const inside = towards({ to: place.address });
    return inside === undefined ? [] : { ...place, inside, questions: questionsOf(place.address, inside) };
  });
  const back = askRoutes(
    family,
    known.flatMap(({ questions }) => questions),
  );
  return known.map(({ questions, ...place }) => {
    const out = questions.flatMap((question) => back(question) ?? []);
    return { ...place, out: [...new Set(out)] };
  });
}

/** 0, and the marks by which packets get a table of their own: `0x2/0x2`, as ip-rule(8) has them. */
function routingMarks(family: Family): number[] {
  const rules = askIp<{ readonly fwmark?: string }>([versionOf(family), 'rule', 'show']);
  return [0, ...rules.flatMap(({ fwmark }) => (fwmark === undefined ? [] : Number(fwmark.split('/')[0])))];
}
