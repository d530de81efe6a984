import type { Address } from '../model/address.ts';
import type { Forward } from '../model/policy.ts';
import { formatPorts, overlap } from '../model/port.ts';
import type { Problem } from '../model/problem.ts';
import { isSyntaxProblem, parseForward } from '../policy/forward-syntax.ts';
import { entryOf, type NewForward } from '../publish/new-forwards.ts';
import type { ForwardEntry } from '../publish/toml-text.ts';
import { type HookEntry, type HookGuest, parseHookJson } from './hook-json.ts';
import type { HookPorts } from './hook-ports.ts';
import type { At, HookReader } from './hook-reader.ts';

/** A guest of the other program, in our words. */
export interface ImportedGuest {
  readonly name: string;
  /** File and line that it comes from. */
  readonly where: string;
  readonly address: Address;
  readonly forwards: readonly Forward[];
  /** The forwards, as they are to be written. */
  readonly entries: readonly ForwardEntry[];
  readonly allowFrom: readonly string[] | undefined;
}

export interface Imported {
  readonly guests: readonly ImportedGuest[];
  readonly problems: readonly Problem[];
  /** What has no counterpart, or means something a little different. */
  readonly warnings: readonly Problem[];
}

/** Translates a configuration of libvirt-hook-qemu. */
export function importHooks(text: string, file: string): Imported {
  const { guests, reader } = parseHookJson(text, file);
  const imported = guests.flatMap((guest) => translate(guest, file, reader) ?? []);
  return { guests: imported, problems: reader.problems, warnings: reader.warnings };
}

function translate(guest: HookGuest, file: string, reader: HookReader): ImportedGuest | undefined {
  const [first] = guest.entries;
  if (first === undefined) return undefined;
  const entries = guest.entries.filter(({ at, address }) => {
    if (address === first.address) return true;
    reader.warn(at, `left out: a guest has one address, and this one ${first.address}`);
    return false;
  });
  const forwards = withoutRepetition(
    entries.flatMap((entry) => forwardsOf(entry, reader)),
    reader,
  );
  if (forwards.length === 0) {
    reader.warn(guest.at, 'left out: nothing is forwarded to it');
    return undefined;
  }
  const lists = new Set(forwards.map(({ terms }) => JSON.stringify(terms)));
  const shared = lists.size === 1 ? forwards[0]?.terms.from : undefined;
  return {
    name: guest.name,
    where: `${file}:${guest.at.node.line}`,
    address: first.address,
    forwards: forwards.map(({ forward }) => forward),
    entries: forwards.map((one) => entryOf(shared === undefined ? one : { ...one, terms: {} })),
    allowFrom: shared,
  };
}

type ForwardAt = NewForward & { readonly at: At };

function forwardsOf({ at, ports, publicAddresses, sources }: HookEntry, reader: HookReader): ForwardAt[] {
  if (publicAddresses === undefined && ports.length > 0) {
    reader.warnOnce(
      at,
      "without public_ip, forwards are at all of the host's addresses, not at the first one only: address in [host] narrows that",
    );
  }
  return (publicAddresses ?? [undefined]).flatMap((address) =>
    ports.flatMap((one) => {
      const text = textOf(one, address);
      const parsed = parseForward(text);
      if (isSyntaxProblem(parsed)) return reader.complain(one.at, parsed.problem, parsed.hint);
      const terms = sources === undefined ? {} : { from: sources };
      return parsed.map((forward) => ({ at: one.at, forward: { ...forward, text }, terms }));
    }),
  );
}

function textOf({ protocol, first, last, to }: HookPorts, address: string | undefined): string {
  const ports = formatPorts({ first, last });
  const guestPorts = formatPorts({ first: to, last: to + last - first });
  const host = address === undefined ? '' : `${address}:`;
  const both = host === '' && ports === guestPorts ? ports : `${host}${ports}:${guestPorts}`;
  return `${both}${protocol === 'tcp' ? '' : `/${protocol}`}`;
}

/** Of two rules of an entry for one port the first counted; said twice is said once. */
function withoutRepetition(forwards: readonly ForwardAt[], reader: HookReader): ForwardAt[] {
  const kept: ForwardAt[] = [];
  for (const one of forwards) {
    const { at, forward } = one;
    const other = kept.find(({ forward: { host, protocol, ports } }) => {
      const sameHost = host === forward.host || host === 'any' || forward.host === 'any';
      return sameHost && protocol === forward.protocol && overlap(ports, forward.ports);
    });
    if (other === undefined) kept.push(one);
    else if (
      other.forward.text !== forward.text ||
      JSON.stringify(other.terms) !== JSON.stringify(one.terms)
    ) {
      reader.warn(at, `left out: ${other.at.path} has ports of ${forward.text} already`);
    }
  }
  return kept;
}
