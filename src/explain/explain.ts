import { chains } from '../backends/iptables/chains.ts';
import { names } from '../backends/names.ts';
import { type Address, familyOf, parseAddress } from '../model/address.ts';
import { isProtocol } from '../model/port.ts';
import { UserError } from '../model/problem.ts';
import { namesSources } from '../netfilter/saved-bans.ts';
import { recordedAbsence } from '../state/absence.ts';
import { knownAddresses, readRecords } from '../state/records.ts';
import type { Host } from './host-facts.ts';
import { askHost, readThisHost } from './known-host.ts';
import type { Packet, Transport } from './packet.ts';
import { interfaceTowards } from './read-host.ts';
import { traceOf } from './trace.ts';
import type { Trace } from './traced.ts';

/** A connection to explain. */
export interface Asked {
  readonly address: Address;
  readonly port: number;
  readonly protocol: Transport;
}

export interface Explained {
  readonly packet: { readonly source: Address; readonly input?: string } & Asked;
  readonly way: Trace;
  /** Whose the address is that it ends up at. */
  readonly guest?: string;
  /** The interface that answers leave by, where it is not the one that the connection arrives on; `none`: there is no route. */
  readonly answers?: string;
  /** Whether the rule that refuses the packet, or a rule that leads to it, names this source: an address is blocked, not the forward. */
  readonly blocked?: true;
  /** The guest that does not run, if that is why the packet is dropped; by its name in the files. */
  readonly absent?: string;
}

/** Beyond every route of its own: documentation addresses (RFC 5737, RFC 3849). */
export const somewhere = { ip: '192.0.2.1', ip6: '2001:db8:ffff::1' } as const;

/** A port that clients choose for themselves. */
const sourcePort = 49_999;

/** `ADDRESS:PORT[/proto]`, an IPv6 address in brackets. @throws UserError */
export function parseAsked(text: string): Asked {
  const [, six, four, port = '', protocol = 'tcp'] =
    /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})(?:\/(\w+))?$/.exec(text) ?? [];
  const address = parseAddress(six ?? four ?? '');
  const number = Number(port);
  if (address === undefined || number < 1 || number > 65_535 || !isProtocol(protocol))
    throw new UserError(
      `invalid target "${text}": expected ADDRESS:PORT[/tcp|udp|sctp] (write an IPv6 address in brackets)`,
    );
  return { address, port: number, protocol };
}

/**
 * Traces the first packet of a connection through this host's real ruleset. Changes nothing, sends nothing.
 *
 * @param from where it comes from; by default, somewhere behind the default route
 * @param through the interface that it arrives on; by default, that of the route back
 * @throws UserError if the interface that it would arrive on is unknown; CommandError if the rules cannot be listed
 */
export function explain(asked: Asked, from?: Address, through?: string): Explained {
  const family = familyOf(asked.address);
  const source = from ?? somewhere[family];
  if (familyOf(source) !== family)
    throw new UserError(`${source} and ${asked.address} belong to different families`);
  const known = readThisHost([family]).get(family);
  if (known === undefined) throw new Error(`no facts of family ${family}`);
  const { host, rules } = known;
  const own = host.addressType(source) === 'local';
  const input = own ? undefined : (through ?? interfaceTowards(source, family, askHost));
  if (!own && input === undefined)
    throw new UserError(`this host has no route back to ${source}: name another source with --from`);
  const packet = packetOf(asked, source, input);
  const way = traceOf(packet, rules, host);
  const guest = guestAt(way.destination);
  const absent = absentAt(way);
  const answers = answersOf(way, packet, host);
  return {
    packet: { ...asked, source, ...(input !== undefined && { input }) },
    way,
    ...(guest !== undefined && { guest }),
    ...(answers !== undefined && { answers }),
    ...(isBlocked(way) && { blocked: true as const }),
    ...(absent !== undefined && { absent }),
  };
}

/** The kernel routes an answer before it translates it back: its source is the guest's own address then. */
function answersOf({ verdict, destination, output }: Trace, packet: Packet, host: Host): string | undefined {
  if (verdict !== 'passed' || packet.input === undefined || output === undefined) return undefined;
  const route = host.route({
    ...packet,
    destination: packet.original.source,
    source: destination,
    input: output,
  });
  const way = route.kind === 'out' ? route.interface : 'none';
  return way === packet.input ? undefined : way;
}

export function packetOf(
  { address, port, protocol }: Asked,
  source: Address,
  input: string | undefined,
): Packet {
  return {
    family: familyOf(address),
    protocol,
    source,
    sourcePort,
    destination: address,
    port,
    ...(input !== undefined && { input }),
    mark: 0,
    connectionMark: 0,
    connectionLabels: [],
    tracked: true,
    followed: false,
    destinationTranslated: false,
    sourceTranslated: false,
    original: { source, destination: address, port },
  };
}

function isBlocked({ verdict, stations }: Trace): boolean {
  if (verdict !== 'dropped' && verdict !== 'rejected') return false;
  const stops = stations.at(-1)?.stops ?? [];
  // From the rule that decides to the jump that led to its chain, and so on.
  let rule = stops.at(-1);
  while (rule !== undefined && !namesSources(rule.rule)) {
    const { chain } = rule;
    rule = stops.findLast(({ did }) => did === `jump ${chain}` || did === `goto ${chain}`);
  }
  return rule !== undefined;
}

function guestAt(address: Address): string | undefined {
  return readRecords().find((record) => knownAddresses(record).includes(address))?.guest.name;
}

/** The chains in which a packet for an absent guest ends. */
const absentChains: readonly string[] = [names.dropAbsent, chains.absent];

function absentAt({ verdict, stations, destination }: Trace): string | undefined {
  const last = stations.at(-1)?.stops.at(-1);
  if (verdict !== 'dropped' || last === undefined || !absentChains.includes(last.chain)) return undefined;
  return recordedAbsence().find(({ address }) => address === destination)?.guest;
}
