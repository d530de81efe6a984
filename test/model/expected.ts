import { type Claim, claimsOf } from './claims.ts';
import { contains, dropped, type Kernel, type Packet, untouched, type Way } from './packet.ts';
import { unforwardedPort } from './points.ts';
import { type Policy, type Ports, protocols } from './policy.ts';

/* What the kernel has to do with each packet, if guests run with these policies and have these claims. */

export interface RunningGuest {
  readonly name: string;
  readonly address: string;
  readonly policy: Policy;
}

export interface Expected {
  readonly guests: readonly RunningGuest[];
  /** Those that have been granted. */
  readonly claims: readonly Claim[];
  readonly absent: readonly string[];
}

export function expectedKernel({ guests, claims, absent }: Expected): Kernel {
  const byName = new Map(guests.map((guest) => [guest.name, guest]));
  return {
    absent,
    translate(packet) {
      const claim = mostSpecific(claims, packet);
      const guest = byName.get(claim?.guest ?? '');
      if (claim === undefined || guest === undefined) return untouched;
      const { policy, address } = guest;
      if (!isAdmitted(packet, claim.forward?.from ?? policy.allowFrom, policy)) return dropped;
      const { forward } = claim;
      const port = forward === undefined ? packet.port : packet.port - forward.first + forward.to;
      return `${address}:${port}`;
    },
    admit(packet) {
      const guest = guests.find(({ address }) => address === packet.address);
      const open = guest?.policy.open.find((ports) => isWithin(packet, ports));
      const { policy } = guest ?? {};
      if (policy !== undefined && denies(policy, packet.source)) return dropped;
      if (open === undefined || policy === undefined) return untouched;
      return isAdmitted(packet, open.from ?? policy.allowFrom, policy) ? 'open' : dropped;
    },
    leave(address) {
      const { name, policy } = guests.find((guest) => guest.address === address) ?? {};
      if (policy?.publicAddress === undefined) return policy?.snat;
      const isOwner = claims.some(({ guest, forward }) => guest === name && forward === undefined);
      return isOwner ? policy.publicAddress : undefined;
    },
  };
}

/** `deny_from` holds for all that leads to the guest, whoever admits it. */
function denies({ denyFrom }: Policy, source: string): boolean {
  return denyFrom.some((network) => contains(network, source));
}

/** A forward at an exact address, then a whole address, then a forward at all addresses. */
function mostSpecific(claims: readonly Claim[], packet: Packet): Claim | undefined {
  const at = claims.filter(({ forward }) => forward === undefined || isWithin(packet, forward));
  return (
    at.find(({ forward, host }) => forward !== undefined && host === packet.address) ??
    at.find(({ forward, host }) => forward === undefined && host === packet.address) ??
    at.find(({ forward, host }) => forward !== undefined && host === undefined)
  );
}

function isWithin({ protocol, port }: Packet, ports: Ports): boolean {
  return ports.protocol === protocol && port >= ports.first && port <= ports.last;
}

/** The host itself is always allowed; `deny_from` overrules each list. */
function isAdmitted({ source }: Packet, from: readonly string[] | undefined, { denyFrom }: Policy): boolean {
  if (source === 'local') return true;
  if (denyFrom.some((network) => contains(network, source))) return false;
  return from === undefined || from.some((network) => contains(network, source));
}

/** Which claims the guests have, by where the host's own packets are led: those pass every list of sources. */
export function grantedClaims(kernel: Kernel, guests: readonly RunningGuest[], plain: string): Claim[] {
  return guests.flatMap(({ name, address, policy }) =>
    claimsOf(name, policy).filter(({ forward, host }) => {
      const packet = {
        protocol: forward?.protocol ?? protocols[0],
        source: 'local',
        address: host ?? plain,
        port: forward?.first ?? unforwardedPort,
      };
      return kernel.translate(packet) === `${address}:${forward?.to ?? unforwardedPort}`;
    }),
  );
}

export interface Points {
  readonly hosts: readonly string[];
  readonly ports: readonly number[];
  readonly sources: readonly string[];
  /** The addresses that each guest can have. */
  readonly guests: readonly (readonly string[])[];
}

/** Where two kernels do not do the same. */
export function compareKernels(expected: Kernel, found: Kernel, points: Points): string[] {
  const differences: string[] = [];
  const guestAddresses = points.guests.flat();
  const compare = (what: string, wanted: Way | undefined, is: Way | undefined) => {
    if (wanted !== is) differences.push(`${what}: expected ${wanted}, found ${is}`);
  };
  for (const protocol of protocols)
    for (const source of points.sources)
      for (const port of points.ports) {
        for (const address of points.hosts) {
          const packet = { protocol, source, address, port };
          compare(describe(packet), expected.translate(packet), found.translate(packet));
        }
        if (source === 'local') continue; // what the host sends passes no forward chain
        for (const address of guestAddresses) {
          const packet = { protocol, source, address, port };
          compare(describe(packet), expected.admit(packet), found.admit(packet));
        }
      }
  for (const address of guestAddresses)
    compare(`${address} leaves with`, expected.leave(address), found.leave(address));
  compare('absent', [...expected.absent].sort().join(' '), [...found.absent].sort().join(' '));
  return differences;
}

function describe({ protocol, source, address, port }: Packet): string {
  return `${source} to ${address}:${port}/${protocol}`;
}
