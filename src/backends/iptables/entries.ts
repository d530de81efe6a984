import type { Family } from '../../model/address.ts';
import {
  type Element,
  familyOfElement,
  type OpenSourceFilterElement,
  type SourceFilterElement,
} from '../../model/element.ts';
import { isPortClaim } from '../../model/element-claims.ts';
import { isAny } from '../../model/host-address.ts';
import type { LimitElement } from '../../model/limit-element.ts';
import type { GuestPart } from '../backend.ts';
import { accepts } from './accepts.ts';
import { answers } from './answers.ts';
import { chains } from './chains.ts';
import { insideRules } from './inside.ts';
import { jumps } from './jumps.ts';
import { beyond } from './limits.ts';
import { masqueradeRule } from './masquerade.ts';
import {
  asComment,
  atGuest,
  atHost,
  chainsOf,
  type GuestRule,
  mangle,
  nat,
  type OwnChains,
  placeOf,
  targets,
  withoutRepetition,
} from './matches.ts';
import { sourceTranslations } from './source-translations.ts';

/**
 * A guest's elements of a family as rules: in chains of its own, with the jumps that lead to these. All parts are
 * addresses, numbers, checked names and the encoded name of the guest.
 */
export function entriesOf({ id, label, elements }: GuestPart, family: Family): GuestRule[] {
  const of = elements.filter((element) => familyOfElement(element) === family);
  if (of.length === 0) return [];
  const own = chainsOf(id);
  const comment = `-m comment --comment ${asComment(label)}`;
  const lists: string[] = [];
  const from = (networks: readonly string[], table: 'nat' | 'mangle') => {
    const key = JSON.stringify([table, networks]);
    if (!lists.includes(key)) lists.push(key);
    return own.from(lists.indexOf(key));
  };
  const width = family === 'ip' ? 32 : 128;
  const context: Context = { own, comment, from, width };
  const rules = inOrder(of).flatMap((element) => rulesOf(element, context));
  const sourceFilters = of.flatMap((one) =>
    one.kind === 'source-filter' || one.kind === 'open-source-filter' ? [one] : [],
  );
  return withoutRepetition([
    ...rules,
    ...sourceChains(sourceFilters, context),
    ...denials(of, context),
    ...answers(of, comment),
    ...jumps(of, own, comment),
    ...accepts(of, own.accepts, label),
  ]);
}

interface Context {
  readonly own: OwnChains;
  readonly comment: string;
  readonly from: (networks: readonly string[], table: 'nat' | 'mangle') => string;
  readonly width: 32 | 128;
}

const ranks: Partial<Record<Element['kind'], number>> = {
  'source-filter': 0,
  'open-source-filter': 0,
  'connection-limit': 1,
  'rate-limit': 2,
};

/** What belongs to the same ports together, and of these: who may, how many, how often, and then where to. */
function inOrder(elements: readonly Element[]): Element[] {
  const groups = new Map<string, Element[]>();
  for (const element of elements) {
    const { host, guest, protocol, ports } = placeOf(element);
    const key = JSON.stringify([host ?? guest, protocol, ports]);
    groups.set(key, [...(groups.get(key) ?? []), element]);
  }
  const rank = ({ kind }: Element) => ranks[kind] ?? 3;
  return [...groups.values()].flatMap((group) => group.sort((a, b) => rank(a) - rank(b)));
}

function rulesOf(element: Element, context: Context): GuestRule[] {
  const { own, comment, from, width } = context;
  switch (element.kind) {
    case 'source-filter': {
      const [chain, match] = isPortClaim(element.claim)
        ? atHost(element.claim, own)
        : ([own.public, `-d ${element.claim.host}`] as const);
      return [
        nat(chain, `${match} ${comment} -j ${from(element.from, 'nat')}`),
        ...(isAny(element.claim.host)
          ? []
          : [{ ...mangle(chains.strange, `${match} ${comment} -j DROP`), ordered: false }]),
      ];
    }
    case 'open-source-filter':
      return [
        mangle(own.open, `${atGuest(element)} ${comment} -j ${from(element.from, 'mangle')}`),
        { ...mangle(chains.strange, `${atGuest(element)} ${comment} -j DROP`), ordered: false },
      ];
    case 'connection-limit':
    case 'rate-limit':
      return [limitRule(element, context, width)];
    case 'forward': {
      const [chain] = atHost(element, own);
      return targets(element).map(({ ports, to }) => ({
        ...nat(chain, `${atHost({ ...element, ports }, own)[1]} ${comment} -j DNAT --to-destination ${to}`),
        element,
      }));
    }
    case 'one-to-one':
      return [
        {
          ...nat(own.public, `-d ${element.host} ${comment} -j DNAT --to-destination ${element.guest}`),
          element,
        },
      ];
    case 'open':
      return [{ ...mangle(own.open, `${atGuest(element)} ${comment} -j ${chains.admit}`), element }];
    case 'source-nat': {
      const leaving = `-s ${element.guest} -o ${element.interface} ${comment}`;
      return [
        ...sourceTranslations(leaving, element.address, element.shared === true).map((rule) => ({
          ...nat(chains.snat, rule),
          ordered: false,
        })),
        { ...mangle(chains.leave, `${leaving} -j ${chains.depart}`), ordered: false },
        { ...mangle(chains.spoofed, `-s ${element.guest} ${comment} -j DROP`), ordered: false },
      ];
    }
    case 'masquerade':
      return [masqueradeRule(element, comment)];
    case 'inside':
      return insideRules(element, comment);
    default:
      return [];
  }
}

function limitRule(element: LimitElement, { own, comment }: Context, width: 32 | 128): GuestRule {
  const { at } = element;
  if (!('host' in at)) return mangle(own.open, `${atGuest(at)} ${beyond(element, width)} ${comment} -j DROP`);
  const [chain, match] = atHost(at, own);
  return nat(chain, `${match} ${beyond(element, width)} ${comment} -j ${chains.refuse}`);
}

/** The sources whose packets to the guest are dropped: a chain for each list. */
function denials(elements: readonly Element[], { own, comment }: Context): GuestRule[] {
  const found = elements.flatMap((element) => (element.kind === 'denied' ? [element] : []));
  const lists = [...new Map(found.map(({ from }) => [from.join(), from]))];
  return [
    ...lists.flatMap(([, networks], index) =>
      networks.map((network) => mangle(own.denied(index), `-s ${network} -j DROP`)),
    ),
    ...found.map(({ guest, from }) => {
      const chain = own.denied(lists.findIndex(([list]) => list === from.join()));
      return { ...mangle(chains.denied, `-d ${guest} ${comment} -j ${chain}`), ordered: false };
    }),
  ];
}

/** The sources that may connect: others are refused. The host itself may always use its own addresses. */
function sourceChains(
  sourceFilters: readonly (SourceFilterElement | OpenSourceFilterElement)[],
  context: Context,
): GuestRule[] {
  const made = new Set<string>();
  return sourceFilters.flatMap((filter) => {
    const rule = filter.kind === 'source-filter' ? nat : mangle;
    const chain = context.from(filter.from, filter.kind === 'source-filter' ? 'nat' : 'mangle');
    if (made.has(chain)) return [];
    made.add(chain);
    const allowed = filter.from.map((network) => rule(chain, `-s ${network} -j RETURN`));
    return filter.kind === 'source-filter'
      ? [
          rule(chain, '-m addrtype --src-type LOCAL -j RETURN'),
          ...allowed,
          rule(chain, `-j ${chains.refuse}`),
        ]
      : [...allowed, rule(chain, '-j DROP')];
  });
}
