import { type Address, type Family, familyOf } from '../model/address.ts';
import type { Element } from '../model/element.ts';
import type { GuestId } from '../model/guest.ts';
import { isAny } from '../model/host-address.ts';
import type { GuestRecord } from '../state/records.ts';
import { distantAddress } from '../system/source-address.ts';
import type { Check, DoctorContext, HostFinding } from './check.ts';
import { askIp, defaultRouteInterfaces, insideOf, uplinksOf } from './uplinks.ts';

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
        fix: `ip ${familyOf(address) === 'ip' ? '-4' : '-6'} route get ${distant} from ${address} iif ${inside}`,
      },
    ];
  });
}

export const waysBack: Check = (context) =>
  judgeWaysBack(context.records.flatMap((record) => waysOf(record, context, factsOf(context))));

/** What is asked once for all guests. */
interface Facts {
  readonly uplinks: (family: Family) => readonly string[];
  readonly marks: (family: Family) => readonly string[];
}

function factsOf({ records, reading, host }: DoctorContext): Facts {
  const uplinks = onceFor((family) =>
    uplinksOf({
      configured: host.interfaces,
      defaultRoutes: defaultRouteInterfaces(family),
      own: reading.ownAddresses().filter(({ address }) => familyOf(address) === family),
      inside: insideOf(records),
    }),
  );
  return { uplinks, marks: onceFor(routingMarks) };
}

function onceFor<Answer>(ask: (family: Family) => Answer): (family: Family) => Answer {
  const answers = new Map<Family, Answer>();
  return (family) => {
    const known = answers.get(family) ?? ask(family);
    answers.set(family, known);
    return known;
  };
}

/** The marks by which packets get a table of their own. */
function routingMarks(family: Family): string[] {
  const rules = askIp<{ readonly fwmark?: string }>([family === 'ip' ? '-4' : '-6', 'rule', 'show']);
  return rules.flatMap(({ fwmark }) => (fwmark === undefined ? [] : [fwmark]));
}

function waysOf(record: GuestRecord, { reading }: DoctorContext, { uplinks, marks }: Facts): WayBack[] {
  const byGuest = new Map<Address, Set<string>>();
  const holders = (address: Address) =>
    reading.ownAddresses().flatMap((one) => (one.address === address ? [one.interface] : []));
  for (const element of record.elements) {
    const place = placeOf(element);
    if (place === undefined) continue;
    const family = familyOf(place.guest);
    const all = uplinks(family);
    const own = isAny(place.host) ? all : holders(place.host).filter((name) => all.includes(name));
    byGuest.set(place.guest, new Set([...(byGuest.get(place.guest) ?? []), ...own]));
  }
  return [...byGuest].flatMap(([address, names]): WayBack[] => {
    const inside = interfaceTowards(address);
    const { driver, name } = record.guest;
    if (inside === undefined || names.size === 0) return [];
    const out = ['', ...marks(familyOf(address))].flatMap((mark) => routeBack(address, inside, mark));
    return [{ guest: { driver, name }, address, inside, uplinks: [...names], out: [...new Set(out)] }];
  });
}

function placeOf(element: Element) {
  if (element.kind !== 'forward' && element.kind !== 'one-to-one') return undefined;
  return element.host.startsWith('127.') ? undefined : { host: element.host, guest: element.guest };
}

/** The interface that leads to a guest's address. */
function interfaceTowards(address: Address): string | undefined {
  const version = familyOf(address) === 'ip' ? '-4' : '-6';
  return askIp<{ readonly dev?: string }>([version, 'route', 'get', address])[0]?.dev;
}

/** @param mark `0x2/0x2`, as ip-rule(8) has it; empty: a packet without any */
function routeBack(address: Address, inside: string, mark: string): string[] {
  const family = familyOf(address);
  const marked = mark === '' ? [] : ['mark', mark.split('/')[0] ?? ''];
  const words = ['route', 'get', distantAddress(family), 'from', address, 'iif', inside, ...marked];
  const [route] = askIp<{ readonly dev?: string; readonly type?: string }>([
    family === 'ip' ? '-4' : '-6',
    ...words,
  ]);
  return route?.dev === undefined || route.type === 'unreachable' ? [] : [route.dev];
}
