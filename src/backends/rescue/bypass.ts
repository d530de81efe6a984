import { type Family, privateNetworks } from '../../model/address.ts';
import type { RescuePlace } from '../../model/saved-rules.ts';
import { hex, names } from '../names.ts';

/*
 * Tables of iptables cannot sleep where the guests' rules are in them, and iptables-legacy's never can. Each of their chains
 * begins with a jump to a chain of the rescue, which ends in a verdict for every packet: the rules behind it stay as they are, and
 * are not asked. guestgate's own jumps stay ahead of it. To undo it is to delete these jumps and chains.
 *
 *     FORWARD   1 -j GUESTGATE-FORWARD    the forwards
 *               2 -j GG-RESCUE-FORWARD    the working set, or ACCEPT where another back end makes it
 *               3 ...                     rules of others, never reached
 */

/** The chains that the working set needs, whether or not the host has used them yet. */
const needed: Readonly<Record<string, readonly string[]>> = {
  filter: ['INPUT', 'FORWARD'],
  nat: ['POSTROUTING'],
};

interface Section {
  /** The kernel's own chains with their policies. */
  readonly policies: ReadonlyMap<string, string>;
  /** All chains. */
  readonly chains: readonly string[];
  readonly rules: readonly string[];
}

const emptySection: Section = { policies: new Map(), chains: [], rules: [] };

/**
 * Input for `iptables-restore --noflush`: the rules of others are not asked any more.
 *
 * @param listing what `iptables-save` printed, without counters
 * @param place undefined: another back end makes the working set, and everything is accepted here
 * @param only the tables that are bypassed; undefined: all
 */
export function renderBypass(
  listing: string,
  family: Family,
  place?: RescuePlace,
  only?: readonly string[],
): string {
  const sections = readSections(listing);
  const tables = new Set([...sections.keys(), ...(place === undefined ? [] : Object.keys(needed))]);
  return [...tables]
    .filter((table) => only?.includes(table) !== false)
    .map((table) => renderTable(table, sections.get(table) ?? emptySection, family, place))
    .join('');
}

/** Input that undoes `renderBypass()`; empty if there is nothing to undo. @param listing see there */
export function renderBypassEnd(listing: string): string {
  return [...readSections(listing)].map(([table, section]) => renderTableEnd(table, section)).join('');
}

function renderTable(
  table: string,
  section: Section,
  family: Family,
  place: RescuePlace | undefined,
): string {
  const wanted = place === undefined ? [] : (needed[table] ?? []);
  const lines = [...new Set([...section.policies.keys(), ...wanted])].flatMap((chain) => {
    const rules = section.rules.filter((rule) => rule.startsWith(`-A ${chain} `));
    const blocks = rules.length > 0 || section.policies.get(chain) === 'DROP';
    if (!blocks && !wanted.includes(chain)) return [];
    const target = `${names.rescueChain}${chain}`;
    const below = rules.findIndex((rule) => !isOwnJump(rule));
    const leading = below === -1 ? rules.length : below;
    // Those of ours that rules of others moved down come up as copies: where they were, they stay.
    const copies = rules.slice(leading).filter(isOwnJump);
    return [
      `:${target} - [0:0]`,
      ...contentOf(table, chain, family, place).map((rule) => `-A ${target} ${rule}`),
      `-I ${chain} ${leading + 1} -j ${target}`,
      ...copies.map((rule, index) => rule.replace(/^-A (\S+)/, `-I $1 ${leading + index + 1}`)),
    ];
  });
  return lines.length === 0 ? '' : [`*${table}`, ...lines, 'COMMIT\n'].join('\n');
}

function isOwnJump(rule: string): boolean {
  return new RegExp(` -j ${names.chain}\\S+$`).test(rule);
}

function contentOf(
  table: string,
  chain: string,
  family: Family,
  place: RescuePlace | undefined,
): readonly string[] {
  const accept = ['-j ACCEPT'];
  if (place === undefined || place.outside.length === 0) return accept;
  if (table === 'filter' && chain === 'INPUT') return inputRules(family, place);
  if (table === 'filter' && chain === 'FORWARD') return forwardRules(place);
  if (table === 'nat' && chain === 'POSTROUTING') return [...masquerades(family, place), ...accept];
  return accept;
}

function inputRules(family: Family, { outside, trusted, sshPorts, tunnelPorts }: RescuePlace): string[] {
  const udp = (port: number) => `-p udp -m udp --dport ${port} -j ACCEPT`;
  return [
    '-i lo -j ACCEPT',
    '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    ...trusted.map((name) => `-i ${name} -j ACCEPT`),
    `-p ${family === 'ip' ? 'icmp' : 'ipv6-icmp'} -j ACCEPT`,
    '-p esp -j ACCEPT',
    ...sshPorts.map((port) => `-p tcp -m tcp --dport ${port} -j ACCEPT`),
    ...tunnelPorts.map(udp),
    udp(family === 'ip' ? 68 : 546),
    ...outside.map((name) => `-i ${name} -j DROP`),
    '-p tcp -m tcp --dport 53 -j ACCEPT',
    udp(53),
    udp(family === 'ip' ? 67 : 547),
    '-j DROP',
  ];
}

function forwardRules({ outside, mark }: RescuePlace): string[] {
  const bit = `${hex(mark)}/${hex(mark)}`;
  return [
    '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    ...outside.map((name) => `-i ${name} -o ${name} -j ACCEPT`),
    '-m conntrack --ctstate DNAT -j ACCEPT',
    `-m connmark --mark ${bit} -j ACCEPT`,
    ...outside.map((name) => `-i ${name} -j DROP`),
    '-j ACCEPT',
  ];
}

function masquerades(family: Family, { outside, trusted }: RescuePlace): string[] {
  return [...outside, ...trusted].flatMap((name) =>
    privateNetworks[family].map(
      (network) => `-s ${network} -o ${name} -m addrtype ! --src-type LOCAL -j MASQUERADE`,
    ),
  );
}

function renderTableEnd(table: string, { chains, rules }: Section): string {
  const made = chains.filter((chain) => chain.startsWith(names.rescueChain));
  const jumps = rules.filter((rule) => made.some((chain) => rule.endsWith(` -j ${chain}`)));
  const bypassed = new Set(jumps.map(chainOf));
  const copies = rules.filter(
    (rule, index) => bypassed.has(chainOf(rule)) && isOwnJump(rule) && rules.indexOf(rule) < index,
  );
  const lines = [
    ...[...jumps, ...copies].map((rule) => rule.replace(/^-A/, '-D')),
    ...made.flatMap((chain) => [`-F ${chain}`, `-X ${chain}`]),
  ];
  return lines.length === 0 ? '' : [`*${table}`, ...lines, 'COMMIT\n'].join('\n');
}

function chainOf(rule: string): string {
  return rule.split(' ')[1] ?? '';
}

/** Reads `iptables-save`; of a table that comes twice, the last counts: the first said that it is incompatible. */
function readSections(listing: string): ReadonlyMap<string, Section> {
  const sections = new Map<string, Section>();
  for (const [, table = '', body = ''] of listing.matchAll(/^\*(\S+)\n([\s\S]*?)^COMMIT$/gm)) {
    const declared = [...body.matchAll(/^:(\S+) (\S+)/gm)].map(([, chain = '', policy = '']) => ({
      chain,
      policy,
    }));
    sections.set(table, {
      policies: new Map(
        declared.filter(({ policy }) => policy !== '-').map(({ chain, policy }) => [chain, policy]),
      ),
      chains: declared.map(({ chain }) => chain),
      rules: body.split('\n').filter((line) => line.startsWith('-A ')),
    });
  }
  return sections;
}
