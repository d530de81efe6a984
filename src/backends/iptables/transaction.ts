import type { Family } from '../../model/address.ts';
import type { KernelCommand } from '../../model/command.ts';
import { areDifferent } from '../../model/difference.ts';
import { type Element, familiesOf, familyOfElement } from '../../model/element.ts';
import { isStanding, type NetworkElement } from '../../model/network-element.ts';
import type { Backend, GuestPart, NetworkChange, Whole } from '../backend.ts';
import {
  type HeadRulePlace,
  headRulePlaces,
  type IptablesOnHost,
  iptablesOf,
  libvirtNat,
} from '../head-rules.ts';
import { baseRuleset } from './base-ruleset.ts';
import { renderChecks, renderEdits, renderRebuild } from './edits.ts';
import { entriesOf } from './entries.ts';
import { foreignNat } from './foreign-nat.ts';
import { jumpPlaces } from './jumps-to-ours.ts';
import { hasUserChain, renderRemoval, staleChains } from './listing.ts';
import { restore, save, type Variant } from './programs.ts';
import { type Tables, withRules } from './tables.ts';

/**
 * The iptables back end: a guest's elements as rules in chains of its own, and for each family one
 * `iptables-restore --noflush` that names our chains alone. A table is atomic, several are not: so all of it is tested
 * first, and the tables come in an order in which each state in between is safe.
 */
export function iptables(variant: Variant): Backend {
  return {
    name: `iptables-${variant}`,
    change(guests, networks, mark) {
      const same = guests.every(({ before, after }) => before.length + after.length === 0);
      if (same && !(guests.length > 0 ? differs(onlyStanding(networks)) : differs(networks))) return [];
      const { before: hadNetworks, after: wantedNetworks } = withoutSettledAbsence(networks);
      const before = { guests: guests.map((one) => ({ ...one, elements: one.before })), mark };
      const after = { guests: guests.map((one) => ({ ...one, elements: one.after })), mark };
      const concerned = [
        ...guests.flatMap((one) => [...one.before, ...one.after]),
        ...(differs(networks) ? [...networks.before, ...networks.after] : []),
      ];
      return (['ip', 'ip6'] as const).flatMap((family) => {
        if (!concerned.some((element) => familyOfElement(element) === family)) return [];
        const had = tablesOf({ ...before, networks: hadNetworks }, family);
        const { input, changes } = renderEdits(had, tablesOf({ ...after, networks: wantedNetworks }, family));
        return changes ? tested(restore(variant, family, input)) : [restore(variant, family, input)];
      });
    },
    survey: (family) => save(variant, family),
    async rebuild(whole, used, known, surveys) {
      const elements = [...whole.networks, ...whole.guests.flatMap((guest) => guest.elements)];
      const needed = new Set([...used, ...familiesOf(elements)]);
      return known.flatMap((family) => {
        const listing = surveys.get(family);
        if (!needed.has(family)) return removal(variant, family, listing, []);
        const tables = tablesOf(whole, family);
        return tested(
          restore(
            variant,
            family,
            renderRebuild(tables, staleChains(listing, tables), !hasUserChain(listing)),
          ),
        );
      });
    },
    probe: (family, { networks, mark }) =>
      restore(variant, family, renderChecks(baseRuleset(networks, mark, family))),
    isComplete: (printed) => printed !== undefined,
    remove: (family, survey, keep) => removal(variant, family, survey, keep),
    // Of -C, -D and -X; of a jump to a chain that is not there.
    contradicts: (stderr) =>
      /line \d+ failed|does not exist|No chain\/target\/match|Couldn't load target/.test(stderr),
    places: (host, family) => placesOf(variant, host, family),
    lacks: (element) => (variant === 'legacy' ? lackOfLegacy(element) : undefined),
  };
}

function differs({ before, after }: NetworkChange): boolean {
  return areDifferent(before, after);
}

function onlyStanding({ before, after }: NetworkChange): NetworkChange {
  return { before: before.filter(isStanding), after: after.filter(isStanding) };
}

/** Where the absent guests stay the same, their rules are not even asked for: an event does not cost more with more of them. */
function withoutSettledAbsence({ before, after }: NetworkChange): NetworkChange {
  const [had, wanted] = [before, after].map((elements) => elements.filter(({ kind }) => kind === 'absent'));
  if (JSON.stringify(had) !== JSON.stringify(wanted)) return { before, after };
  const others = (elements: readonly NetworkElement[]) => elements.filter(({ kind }) => kind !== 'absent');
  return { before: others(before), after: others(after) };
}

/** All that is ours in a family. */
export function tablesOf({ guests, networks, mark }: Whole, family: Family): Tables {
  const rules = guests.flatMap((guest: GuestPart) => entriesOf(guest, family));
  return withRules(baseRuleset(networks, mark, family), rules);
}

/** Ours and what libvirt has in nftables, whose chains are asked at the same time as iptables'; the other variant's filter. */
function placesOf(variant: Variant, host: IptablesOnHost, family: Family): readonly HeadRulePlace[] {
  const own = variant === 'nft' ? `${iptablesOf(family)} FORWARD` : `${iptablesOf(family)}-legacy FORWARD`;
  const others = headRulePlaces(host, family).filter(({ name }) => name !== own);
  const nat = variant === 'legacy' ? host.iptables : host.legacyNat === true;
  const other = variant === 'legacy' ? 'nft' : 'legacy';
  const foreign = nat ? [foreignNat(other, family)] : [];
  return [...jumpPlaces(variant, family), libvirtNat(family), ...foreign, ...others];
}

/** Any program's change replaces the whole table, and the kernel's counts begin again with it. */
function lackOfLegacy(element: Element): string | undefined {
  return element.kind === 'connection-limit'
    ? 'iptables-legacy forgets its connection counts at each change of its table (use backend = "nftables", or rate)'
    : undefined;
}

function tested(command: KernelCommand): KernelCommand[] {
  return [{ ...command, args: [...command.args, '--test'] }, command];
}

function removal(
  variant: Variant,
  family: Family,
  listing: string | undefined,
  keep: readonly ('filter' | 'nat')[],
): KernelCommand[] {
  const input = renderRemoval(listing, keep, variant);
  return input === '' ? [] : [restore(variant, family, input)];
}
