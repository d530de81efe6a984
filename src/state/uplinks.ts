import type { Address } from '../model/address.ts';
import { isList, isObject, isRecordOf, isText } from '../model/shape.ts';
import { stateFiles } from '../model/state-files.ts';
import { interfaceNetworks } from '../system/interface-networks.ts';
import { factsText, type HostFacts, holdersOf } from '../system/uplinks.ts';
import { readState, type StateRead, writeState } from './state-file.ts';

/*
 * What the host's uplinks were when the rules in the kernel were planned. An event compares this file with the present, and
 * need not read the records. There is no file as long as no plan asked for anything of the host.
 */

export interface Uplinks {
  /** `factsText()` of the host at that time. */
  readonly facts: string;
  /**
   * The interfaces that hold each address which guests leave with, or that held it last since boot: an uplink that is down
   * takes its address with it, and the address still belongs to it. Empty: no interface has held it since boot.
   */
  readonly holders: { readonly [address: Address]: readonly string[] };
  /** The interfaces that the configuration names as networks, and the networks that they led to; empty: not known. */
  readonly interfaces?: { readonly [name: string]: string };
}

const file = stateFiles.uplinks;
const format = 1;
const hasShape = isObject({
  facts: isText,
  holders: isRecordOf(isList(isText)),
  'interfaces?': isRecordOf(isText),
});

/** Undefined where there is no file, or it cannot be read: the next plan that needs it writes it again. */
export function readUplinks(): Uplinks | undefined {
  const read: StateRead<Uplinks> = readState(file, format, hasShape);
  return read.kind === 'read' ? read.value : undefined;
}

/** @throws UserError if it cannot be written */
export function writeUplinks(uplinks: Uplinks): void {
  writeState(file, format, uplinks);
}

/** From now on, events look whether the host has changed, and remember which interfaces hold these addresses. Pure. */
export function withAddresses(
  before: Uplinks | undefined,
  addresses: readonly Address[],
  facts: HostFacts,
): Uplinks {
  const { facts: text, holders } = before ?? { facts: factsText(facts), holders: {} };
  const added = addresses.filter((address) => !Object.hasOwn(holders, address));
  const found = added.map((address) => [address, holdersOf(address, facts.addresses)] as const);
  return { ...before, facts: text, holders: { ...holders, ...Object.fromEntries(found) } };
}

/** The same addresses, with the interfaces that hold them now. Pure. */
export function withPresentHolders(before: Uplinks, facts: HostFacts): Uplinks {
  const holders = Object.entries(before.holders).map(([address, last]) => {
    const present = holdersOf(address, facts.addresses);
    return [address, present.length > 0 ? present : last] as const;
  });
  return { ...before, holders: Object.fromEntries(holders) };
}

/** Where these interfaces lead now, for `interfaces`. */
export function interfaceTexts(names: readonly string[]): NonNullable<Uplinks['interfaces']> {
  return Object.fromEntries(
    names.map((name) => [name, `at ${interfaceNetworks(name)?.join(' ') ?? 'none'}`]),
  );
}

/** Whether an interface leads elsewhere than noted, or has come or gone. */
export function haveInterfacesChanged({ interfaces = {} }: Uplinks): boolean {
  const present = interfaceTexts(Object.keys(interfaces));
  return Object.entries(interfaces).some(([name, noted]) => noted !== present[name]);
}
