import type { Address } from '../model/address.ts';
import { distinct, type Fault, policyFault } from '../model/finding.ts';
import { isEverywhere } from '../model/host-address.ts';
import type { Forward, GrantedKey, GuestPolicy, MetadataGrants, ReservedPorts } from '../model/policy.ts';
import { formatPorts, overlap, type PortRange, type Protocol } from '../model/port.ts';
import { claimedByFiles, type FilePolicy } from './file-claims.ts';

/** Ports of the host's that metadata cannot take: everywhere, or at an address at which the host listens. */
export interface ReservedAt extends ReservedPorts {
  /** Undefined: everywhere. */
  readonly address?: Address;
  /** Why: `[host] reserves`, `the host listens on`. */
  readonly why: string;
}

/** What limits the metadata of one guest. */
export interface MetadataBounds {
  readonly grants: MetadataGrants;
  readonly reserved: readonly ReservedAt[];
  /** Whether an address is a public one of this host. */
  readonly isPublic: (address: Address) => boolean;
  /** The addresses of an interface of the host. */
  readonly addressesOn: (interface_: string) => readonly Address[];
  /** Whether leases, reservations or the domain XML within its libvirt network give the guest this address. */
  readonly isOwn: (address: Address) => boolean;
  /** The other guests' policies in files. */
  readonly files: readonly FilePolicy[];
}

export interface LimitedPolicy {
  readonly policy: GuestPolicy;
  /** What was left out, each with the key that grants it. */
  readonly refused: readonly Fault[];
}

/**
 * Leaves out of a policy in metadata what is not granted: who defines a guest need not be the administrator. Granted are, without
 * `[host.metadata]`, forwards of unreserved ports at the host's public addresses to the guest's own address, and all that only
 * restricts. What another guest's policy in a file asks for is never granted. Pure.
 */
export function limitMetadata(policy: GuestPolicy, bounds: MetadataBounds): LimitedPolicy {
  const { forwards, open, publicAddresses, snat, addresses, ...rest } = policy;
  const refused: Fault[] = [];
  const admit = <One>(all: readonly One[] | undefined, why: (one: One) => Fault | undefined) => {
    const admitted = (all ?? []).filter((one) => {
      const fault = why(one);
      if (fault !== undefined) refused.push(fault);
      return fault === undefined;
    });
    return admitted.length === 0 ? undefined : admitted;
  };
  const isGranted = (key: GrantedKey) => bounds.grants.keys.includes(key);
  const own = (what: string, address: Address | undefined) =>
    address === undefined || isGranted('address') || bounds.isOwn(address)
      ? undefined
      : notGranted(
          `${what} is left out: no lease, reservation or network of libvirt's gives the guest the address ${address}`,
          '"address" to keys',
        );
  const whole = (key: 'public_address' | 'snat', element: string) => (address: Address) => {
    const what = `${element} ${address}`;
    if (!isGranted(key))
      return notGranted(`${what} is left out`, `"${key}" to keys, and ${address} to addresses`);
    if (!bounds.grants.addresses.includes(address))
      return notGranted(`${what} is left out`, `${address} to addresses`);
    return claimedByFiles({ what, address }, bounds.files);
  };
  const limited = {
    forwards: admit(
      forwards,
      (forward) =>
        elsewhere(forward, bounds) ??
        reserved(forward, bounds) ??
        own(`forward ${forward.text}`, forward.toAddress) ??
        claimedByFiles(
          { what: `forward ${forward.text}`, forward, places: placesOf(forward, bounds) },
          bounds.files,
        ),
    ),
    open: admit(open, (one) =>
      isGranted('open')
        ? own(`open ${one.text}`, one.address)
        : notGranted(`open ${one.text} is left out`, '"open" to keys'),
    ),
    publicAddresses: admit(publicAddresses, whole('public_address', 'publicAddress')),
    snat: admit(snat, whole('snat', 'snat')),
    addresses: admit(addresses, (address) => own(`address ${address}`, address)),
  };
  const present = Object.fromEntries(Object.entries(limited).filter(([, value]) => value !== undefined));
  return { policy: { ...rest, ...present }, refused: distinct(refused) };
}

/** Where a forward is; undefined: at every address. */
function placesOf(
  { host, uplink }: Forward,
  { addressesOn }: MetadataBounds,
): readonly Address[] | undefined {
  if (uplink !== undefined) return addressesOn(uplink);
  return isEverywhere(host) ? undefined : [host];
}

function elsewhere(forward: Forward, bounds: MetadataBounds): Fault | undefined {
  const strange = placesOf(forward, bounds)?.find(
    (address) => !bounds.isPublic(address) && !bounds.grants.addresses.includes(address),
  );
  return strange === undefined
    ? undefined
    : notGranted(
        `forward ${forward.text} is left out: ${strange} is not a public address of this host`,
        `${strange} to addresses`,
      );
}

function reserved(forward: Forward, bounds: MetadataBounds): Fault | undefined {
  const places = placesOf(forward, bounds);
  const taken = bounds.reserved.find(
    (one) =>
      overlap(one.ports, forward.ports) &&
      (one.protocol === undefined || one.protocol === forward.protocol) &&
      (one.address === undefined || places === undefined || places.includes(one.address)) &&
      !isGrantedPort(common(one.ports, forward.ports), forward.protocol, bounds.grants),
  );
  if (taken === undefined) return undefined;
  const ports = `${formatPorts(common(taken.ports, forward.ports))}/${forward.protocol}`;
  return notGranted(`${forward.text} takes a port that ${taken.why}: ${ports}`, `"${ports}" to ports`);
}

function common(a: PortRange, b: PortRange): PortRange {
  return { first: Math.max(a.first, b.first), last: Math.min(a.last, b.last) };
}

function isGrantedPort({ first, last }: PortRange, protocol: Protocol, { ports }: MetadataGrants): boolean {
  return ports.some(
    (one) =>
      one.ports.first <= first &&
      last <= one.ports.last &&
      (one.protocol === undefined || one.protocol === protocol),
  );
}

/** @param what to add to which key */
function notGranted(problem: string, what: string): Fault {
  return policyFault(problem, `to allow it, add ${what} in [host.metadata], or use a file in /etc/guestgate`);
}
