import { type Address, families, familyName, familyOf } from '../model/address.ts';
import { formatHost, isEverywhere } from '../model/host-address.ts';
import type { Forward } from '../model/policy.ts';
import { formatPorts, overlap } from '../model/port.ts';
import type { Problem } from '../model/problem.ts';
import { isSyntaxProblem, parseForward } from '../policy/forward-syntax.ts';
import { entryOf, type NewForward } from '../publish/new-forwards.ts';
import type { ForwardEntry } from '../publish/toml-text.ts';
import type { HookEntry } from './hook-entry.ts';
import { type HookGuest, parseHookJson } from './hook-json.ts';
import type { HookPorts } from './hook-ports.ts';
import type { At, HookReader } from './hook-reader.ts';

/** A guest of the other program as a policy. */
export interface ImportedGuest {
  readonly name: string;
  /** File and line of its definition. */
  readonly where: string;
  /** At most one of each family. */
  readonly addresses: readonly Address[];
  readonly forwards: readonly Forward[];
  /** The forwards, as they are written to the file. */
  readonly entries: readonly ForwardEntry[];
  readonly allowFrom: readonly string[] | undefined;
  readonly publicAddresses?: readonly Address[];
  readonly snat?: readonly Address[];
}

export interface Imported {
  readonly guests: readonly ImportedGuest[];
  readonly problems: readonly Problem[];
  /** What has no counterpart, or a slightly different meaning. */
  readonly warnings: readonly Problem[];
}

/** Translates a configuration of libvirt-hook-qemu. */
export function importHooks(text: string, file: string): Imported {
  const { guests, reader } = parseHookJson(text, file);
  const imported = guests.flatMap((guest) => translate(guest, reader) ?? []);
  return { guests: imported, problems: reader.problems, warnings: reader.warnings };
}

function translate(guest: HookGuest, reader: HookReader): ImportedGuest | undefined {
  const all = guest.entries.flatMap((entry) => entry.addresses);
  const addresses = families.flatMap((family) => all.find((address) => familyOf(address) === family) ?? []);
  const forwards = withoutRepetition(
    guest.entries.flatMap((entry) => forwardsOf(entry, addresses, reader)),
    reader,
  );
  if (addresses.length === 0) return undefined;
  if (forwards.length === 0) {
    reader.warn(guest.at, 'left out: it has no forwards');
    return undefined;
  }
  const lists = new Set(forwards.map(({ terms }) => JSON.stringify(terms)));
  const shared = lists.size === 1 ? forwards[0]?.terms.from : undefined;
  return {
    name: guest.name,
    where: reader.where(guest.at),
    addresses,
    forwards: forwards.map(({ forward }) => forward),
    entries: forwards.map((forward) => entryOf(shared === undefined ? forward : { ...forward, terms: {} })),
    allowFrom: shared,
  };
}

type ForwardAt = NewForward & { readonly at: At };

/** @param addresses those of the guest */
function forwardsOf(entry: HookEntry, addresses: readonly Address[], reader: HookReader): ForwardAt[] {
  const { ports, sources } = entry;
  return hostsOf(entry, addresses, reader).flatMap((host) =>
    ports.flatMap((hookPorts) => {
      const text = textOf(hookPorts, host);
      const parsed = parseForward(text);
      if (isSyntaxProblem(parsed)) return reader.complain(hookPorts.at, parsed.problem, parsed.hint);
      const terms = sources === undefined ? {} : { from: sources };
      return parsed.map((forward) => ({ at: hookPorts.at, forward: { ...forward, text }, terms }));
    }),
  );
}

/** The host's addresses that an entry forwards from; undefined: all of them, in each family of the guest. */
function hostsOf(
  { at, addresses, publicAddresses, ports }: HookEntry,
  all: readonly Address[],
  reader: HookReader,
): (Address | undefined)[] {
  const present = addresses.filter((address) => all.includes(address)).map(familyOf);
  if (present.length < addresses.length)
    reader.warn(
      at,
      `left out: a guest has one address of each family, and this guest has ${all.join(' and ')}`,
    );
  for (const address of publicAddresses) {
    const family = familyOf(address);
    if (!addresses.some((other) => familyOf(other) === family))
      reader.warn(
        at,
        `public address ${address} left out: the entry has no private ${familyName(family)} address`,
      );
  }
  const named = publicAddresses.filter((address) => present.includes(familyOf(address)));
  const unnamed = present.filter((family) => !named.some((address) => familyOf(address) === family));
  if (unnamed.length > 0 && ports.length > 0) {
    reader.warnOnce(
      at,
      'without a public address, guestgate forwards from all addresses of the host, not only from the first: set address in [host] to restrict them',
    );
  }
  if (unnamed.length > 0 && unnamed.length === all.length) return [undefined];
  return [...named, ...unnamed.map((family) => (family === 'ip' ? '0.0.0.0' : '::'))];
}

function textOf({ protocol, first, last, to }: HookPorts, address: Address | undefined): string {
  const ports = formatPorts({ first, last });
  const guestPorts = formatPorts({ first: to, last: to + last - first });
  const host = address === undefined ? '' : `${formatHost(address)}:`;
  const both = host === '' && ports === guestPorts ? ports : `${host}${ports}:${guestPorts}`;
  return `${both}${protocol === 'tcp' ? '' : `/${protocol}`}`;
}

/** Of two rules for one port, the hook's first one counted; a rule that occurs twice becomes one forward. */
function withoutRepetition(forwards: readonly ForwardAt[], reader: HookReader): ForwardAt[] {
  const kept: ForwardAt[] = [];
  for (const next of forwards) {
    const { at, forward, terms } = next;
    const earlier = kept.find((other) => claimsSame(other.forward, forward));
    if (earlier === undefined) kept.push(next);
    else if (
      earlier.forward.text !== forward.text ||
      JSON.stringify(earlier.terms) !== JSON.stringify(terms)
    ) {
      reader.warn(at, `left out: ${earlier.at.path} already forwards ports of ${forward.text}`);
    }
  }
  return kept;
}

function claimsSame(a: Forward, b: Forward): boolean {
  if (a.protocol !== b.protocol || !overlap(a.ports, b.ports)) return false;
  if (a.host === b.host || a.host === 'any' || b.host === 'any') return true;
  return (isEverywhere(a.host) || isEverywhere(b.host)) && familyOf(a.host) === familyOf(b.host);
}
