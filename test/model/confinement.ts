import type { RunningGuest } from './expected.ts';
import type { Ports } from './policy.ts';

/* What a guest may send, and whom it may reach: the tables that hold that are the same beside each back end. */

/** `antispoof`, or an `access` that checks what the guest sends, too. `none` leaves no room for the rest of a policy. */
export type Confinement =
  | { readonly kind: 'antispoof' | 'host' }
  | { readonly kind: 'inbound'; readonly egress: readonly Ports[] };

/** One that runs, whether its address is known or not. */
export type ConfinedGuest = Pick<RunningGuest, 'policy'> & {
  readonly tap: string;
  /** Undefined: unknown, and then it may be one that the guest had before. */
  readonly address?: string | undefined;
};

/** A line for each thing that the kernel holds about ports and confined addresses of IPv4, sorted. */
export type Confined = readonly string[];

export function expectedConfinement(guests: readonly ConfinedGuest[]): Confined {
  return guests.flatMap(linesOf).sort();
}

function linesOf({ tap, address, policy: { confinement, open } }: ConfinedGuest): string[] {
  if (confinement === undefined) return [];
  const isClosed = confinement.kind !== 'antispoof';
  const atPort = [`checked ${tap}`, ...(isClosed ? [`closed ${tap}`] : [])];
  if (address === undefined) return atPort;
  const source = `source ${tap} ${address}`;
  if (confinement.kind !== 'inbound')
    return [...atPort, source, ...(isClosed ? [`local_only ${address}`] : [])];
  const ports = (set: string, list: readonly Ports[]) =>
    list.flatMap(({ protocol, first, last }) =>
      numbers(first, last).map((port) => `${set} ${address} ${protocol} ${port}`),
    );
  return [
    ...atPort,
    source,
    `inbound ${address}`,
    ...new Set([...ports('egress', confinement.egress), ...ports('opened', open)]),
  ];
}

function numbers(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

type Item = Readonly<
  Record<'set' | 'map', { family: string; table: string; name: string; elem?: unknown[] } | undefined>
>;

/** Reads `nft -j list ruleset`, as docs/explanation/sets-and-maps.md describes the sets. */
export function readConfinement(json: string): Confined {
  const { nftables } = JSON.parse(json) as { nftables: Item[] };
  const keys = (family: string, name: string) =>
    nftables
      .flatMap(({ set }) =>
        set?.family === family && set.table === 'guestgate' && set.name === name ? (set.elem ?? []) : [],
      )
      .map(partsOf);
  const plain = (family: string, name: string) => keys(family, name).map(([key]) => `${name} ${key}`);
  const ported = (name: string) =>
    keys('inet', name).flatMap((parts) => {
      const [guest, protocol, port] = [parts[0], parts.at(-2), parts.at(-1)];
      return spanOf(port).map((number) => `${name} ${guest} ${protocol} ${number}`);
    });
  return [
    ...plain('bridge', 'checked'),
    ...plain('bridge', 'closed'),
    ...keys('bridge', 'sources').map(([tap, address]) => `source ${tap} ${address}`),
    ...plain('inet', 'inbound'),
    ...plain('inet', 'local_only'),
    ...ported('egress'),
    ...ported('opened'),
  ].sort();
}

/** A key, of several parts or one, with its comment around it. */
function partsOf(element: unknown): unknown[] {
  const value = (element as { elem?: { val: unknown } }).elem?.val ?? element;
  // Texts have a `concat`, too.
  return typeof value === 'object' ? ((value as { concat?: unknown[] } | null)?.concat ?? [value]) : [value];
}

function spanOf(port: unknown): number[] {
  const [first, last] = (port as { range?: readonly number[] }).range ?? [port as number, port as number];
  return numbers(first ?? 0, last ?? 0);
}

/** Where the kernel differs; of a guest whose address is unknown, it may hold any that it had. */
export function compareConfinement(
  expected: Confined,
  found: Confined,
  unknown: readonly (readonly string[])[],
): string[] {
  const maybe = (line: string) => unknown.flat().some((address) => line.split(' ').includes(address));
  return [
    ...expected.filter((line) => !found.includes(line)).map((line) => `lacks: ${line}`),
    ...found
      .filter((line) => !expected.includes(line) && !maybe(line))
      .map((line) => `has too much: ${line}`),
  ];
}
