import { type Address, familyOf } from '../model/address.ts';
import type { Finding } from '../model/finding.ts';
import { aboutGuest } from '../model/finding.ts';
import { quoted } from '../model/problem.ts';
import { type GuestRecord, knownAddresses } from '../state/records.ts';

/** A network interface of the host. */
export interface Link {
  readonly up: boolean;
  /** The bridge that it is a port of. */
  readonly master?: string;
}

/** What decides on the host, besides rules, whether a packet reaches a guest. */
export interface PathFacts {
  /** By name; undefined: not known. */
  readonly links: ReadonlyMap<string, Link> | undefined;
  /** Whether the kernel forwards IPv4 packets that arrive by an interface, or by any (`all`). */
  readonly forwards: (name: string) => boolean;
  /** The interfaces that packets from outside arrive by. */
  readonly outside: readonly string[];
  /** The interface that the host sends packets for an address to; undefined: it has no route. */
  readonly routeTo: (address: Address) => string | undefined;
  /** Whether connection tracking holds as many connections as it may. */
  readonly isConntrackFull: boolean;
}

/** How many guests' routes are asked for: of thousands this is a sample. */
const most = 64;

/** The addresses whose routes `judgePaths()` asks for. */
export function sampledAddresses(records: readonly GuestRecord[]): Address[] {
  return sampled(records).flatMap(knownAddresses);
}

function sampled(records: readonly GuestRecord[]): readonly GuestRecord[] {
  return records.filter(({ elements }) => elements.length > 0).slice(0, most);
}

/**
 * Why packets for running guests do not arrive although their rules are in place: a bridge that is down, a port that left its
 * bridge, a route that is gone, forwarding that was turned off. No hook reports such a change. Pure.
 */
export function judgePaths(records: readonly GuestRecord[], facts: PathFacts): Finding[] {
  const open = records.filter(({ elements }) => elements.length > 0);
  if (open.length === 0) return [];
  const hasIpv4 = open.some((record) => knownAddresses(record).some((address) => familyOf(address) === 'ip'));
  const bridges = new Set(open.flatMap(({ guest }) => guest.nics.flatMap(({ bridge }) => bridge ?? [])));
  return [
    ...(facts.isConntrackFull
      ? [
          everything(
            'connection tracking',
            'its table is full: the kernel drops new connections',
            'guestgate doctor',
          ),
        ]
      : []),
    ...(hasIpv4 ? turnedOff([...facts.outside, ...bridges], facts) : []),
    ...[...bridges].flatMap((name) => judgeBridge(name, facts)),
    ...open.flatMap((record) => judgePorts(record, facts)),
    ...sampled(records).flatMap((record) => judgeRoutes(record, bridges, facts)),
  ];
}

function blocked(subject: Finding['subject'], problem: string, fix?: string): Finding {
  return { subject, problem, severity: 'something', ...(fix !== undefined && { fix }) };
}

/** As `blocked`, by the state of a link. */
function cut(...words: Parameters<typeof blocked>): Finding {
  return { kind: 'link', ...blocked(...words) };
}

/** As `blocked`, of all guests: doctor has a check of its own for it. */
function everything(subject: Finding['subject'], problem: string, fix: string): Finding {
  return { subject, problem, severity: 'everything', fix };
}

function turnedOff(names: readonly string[], { forwards }: PathFacts): Finding[] {
  if (!forwards('all')) {
    const name = 'net.ipv4.ip_forward';
    return [everything(name, 'it is 0: the host forwards no packets to guests', `sysctl -w ${name}=1`)];
  }
  const setting = (name: string) => `net.ipv4.conf.${name.replaceAll('.', '/')}.forwarding`;
  return names
    .filter((name) => !forwards(name))
    .map((name) =>
      blocked(
        setting(name),
        'it is 0: the kernel forwards no packets from there',
        `sysctl -w ${setting(name)}=1`,
      ),
    );
}

function judgeBridge(name: string, { links }: PathFacts): Finding[] {
  if (links === undefined) return [];
  const link = links.get(name);
  if (link === undefined) return [cut(`bridge ${name}`, 'it does not exist, and guests are on it')];
  return link.up ? [] : [cut(`bridge ${name}`, 'it is down', `ip link set dev ${name} up`)];
}

/** The port of a guest that ends goes before its hook is called: `links` are read after the records. */
function judgePorts({ guest }: GuestRecord, { links }: PathFacts): Finding[] {
  if (links === undefined) return [];
  return guest.nics.flatMap(({ tap, bridge }): Finding[] => {
    const link = tap === undefined ? undefined : links.get(tap);
    if (tap === undefined || bridge === undefined || link === undefined) return [];
    if (link.master === undefined) {
      const problem = `its interface ${tap} is not a port of bridge ${bridge}`;
      return [cut(aboutGuest(guest), problem, `ip link set dev ${tap} master ${bridge}`)];
    }
    return link.up
      ? []
      : [cut(aboutGuest(guest), `its interface ${tap} is down`, `ip link set dev ${tap} up`)];
  });
}

/** A bridge that is down, or gone, takes its route with it: `judgeBridge()` names the bridge. */
function judgeRoutes(record: GuestRecord, bridges: ReadonlySet<string>, facts: PathFacts): Finding[] {
  const { routeTo } = facts;
  const own = record.guest.nics.flatMap(({ bridge }) => bridge ?? []);
  if (own.length === 0 || own.some((name) => judgeBridge(name, facts).length > 0)) return [];
  return knownAddresses(record).flatMap((address): Finding[] => {
    const way = routeTo(address);
    if (way !== undefined && bridges.has(way)) return [];
    const where =
      way === undefined ? 'the host has no route there' : `the host sends packets there by ${way}`;
    const names = own.map(quoted).join(', ');
    return [blocked(aboutGuest(record.guest), `its address ${address} is on bridge ${names}, and ${where}`)];
  });
}
