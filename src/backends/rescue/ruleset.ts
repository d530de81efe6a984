import { privateNetworks } from '../../model/address.ts';
import type { KernelCommand } from '../../model/command.ts';
import { isTableName, type NftTable, type RescuePlace } from '../../model/saved-rules.ts';
import { hex, names } from '../names.ts';
import { nft } from '../nftables/statements.ts';

/*
 * The simplest working set for a host whose rules are a mess. All other tables sleep: with the flag `dormant` a table keeps its
 * chains, rules, sets and counters, and takes part in nothing (nft(8), TABLES). guestgate's own tables stay awake.
 *
 *     to the host        from everywhere: what belongs to a connection, ssh, ICMP, DHCP's answers, tunnels
 *                        from trusted links: everything. From guests: DNS and DHCP, too. All else is dropped
 *     through the host   from the outside: what guestgate has admitted; all else is dropped
 *                        from guests and trusted links: everything; with a private address, they leave with the host's
 *
 * One transaction puts all tables to sleep and this in their place, and one wakes them. Nothing is deleted and made again,
 * so their order, their handles and their sets stay.
 */

const table = names.rescueTable;
const families = ['inet', 'ip', 'ip6'] as const;
const clearing = families
  .map((family) => `add table ${family} ${table}\ndelete table ${family} ${table}\n`)
  .join('');

/**
 * One transaction: these tables sleep, and the rescue is in their place. Fails as a whole.
 *
 * @param place undefined: another back end makes the working set
 */
export function enterRescue(tables: readonly NftTable[], place: RescuePlace | undefined): KernelCommand {
  const sleeping = tables.map(({ family, name }) => `add table ${family} ${name} { flags dormant; }\n`);
  return nft([clearing, place === undefined ? '' : renderRescue(place), ...sleeping].join(''));
}

/** One transaction: the rescue is gone, and these tables are awake. */
export function leaveRescue(tables: readonly NftTable[]): KernelCommand {
  return nft(`${clearing}${tables.map(({ family, name }) => `add table ${family} ${name}\n`).join('')}`);
}

/** The text of the rescue alone. Without an interface outside, nothing is dropped: it holds no rule. */
export function renderRescue(place: RescuePlace): string {
  if (place.outside.length === 0) return `table inet ${table} {\n}\n`;
  return [
    `table inet ${table} {\n${chain('input', 'filter hook input priority filter', inputRules(place))}`,
    `${chain('forward', 'filter hook forward priority filter', forwardRules(place))}}\n`,
    ...place.families.map(
      (family) =>
        `table ${family} ${table} {\n${chain('postrouting', 'nat hook postrouting priority srcnat', [
          `oifname ${listed([...place.outside, ...place.trusted])} ${family} saddr { ${privateNetworks[family].join(', ')} } fib saddr type != local masquerade`,
        ])}}\n`,
    ),
  ].join('');
}

function inputRules({ outside, trusted, sshPorts, tunnelPorts }: RescuePlace): string[] {
  return [
    'iifname "lo" accept',
    'ct state established,related accept',
    ...(trusted.length > 0 ? [`iifname ${listed(trusted)} accept`] : []),
    'meta l4proto { icmp, ipv6-icmp, esp } accept',
    `tcp dport { ${sshPorts.join(', ')} } accept`,
    ...(tunnelPorts.length > 0 ? [`udp dport { ${tunnelPorts.join(', ')} } accept`] : []),
    'udp dport { 68, 546 } accept',
    `iifname ${listed(outside)} counter drop`,
    'meta l4proto { tcp, udp } th dport 53 accept',
    'udp dport { 67, 547 } accept',
    'counter drop',
  ];
}

function forwardRules({ outside, mark }: RescuePlace): string[] {
  const bit = hex(mark);
  return [
    'ct state established,related accept',
    `iifname != ${listed(outside)} accept`,
    // Bridged frames, where br_netfilter hands them to nft: guests are on the bridge that leads outside, too.
    ...outside.map((name) => `iifname "${name}" oifname "${name}" accept`),
    'ct status dnat accept',
    `ct mark and ${bit} == ${bit} accept`,
    'counter drop',
  ];
}

function listed(interfaces: readonly string[]): string {
  return `{ ${interfaces.map((name) => `"${name}"`).join(', ')} }`;
}

function chain(name: string, type: string, rules: readonly string[]): string {
  const lines = [`type ${type}; policy accept;`, ...rules].map((line) => `\t\t${line}\n`);
  return `\tchain ${name} {\n${lines.join('')}\t}\n`;
}

/** Tables of guestgate itself: they stay awake, and with them the forwards. */
const own: readonly string[] = [names.table, names.userTable, names.protectTable, names.rescueTable];

/** Lists tables with their flags, without elements of sets. */
export const listTables: KernelCommand = { program: 'nft', args: ['-s', '-t', 'list', 'ruleset'] };

/** Rules that a rescue leaves as they are. */
export type Left =
  /** A table that only its program can change (flag `owner`); undefined: nft does not name it. */
  | { readonly why: 'owned'; readonly table: string; readonly owner: string | undefined }
  /** nft could not read the name back. */
  | { readonly why: 'name'; readonly table: string }
  /** Tables of iptables without a program for them: `iptables-legacy`. */
  | { readonly why: 'no program'; readonly program: string };

/**
 * The tables of others that are active, in the order of the listing.
 *
 * @param listing what `listTables` printed
 */
export function foreignTables(listing: string): {
  readonly active: readonly NftTable[];
  readonly left: readonly Left[];
} {
  const active: NftTable[] = [];
  const left: Left[] = [];
  for (const [, family = '', name = '', owner, flags = ''] of listing.matchAll(
    /^table (\S+) (.+?) \{(?: # progname (.*))?(?:\n\tflags ([^\n]*))?/gm,
  )) {
    if (own.includes(name) || /\bdormant\b/.test(flags)) continue;
    if (/\bowner\b/.test(flags)) left.push({ why: 'owned', table: `${family} ${name}`, owner });
    else if (!isTableName(name)) left.push({ why: 'name', table: `${family} ${name}` });
    else active.push({ family: family as NftTable['family'], name });
  }
  return { active, left };
}

const ownChain = new RegExp(`^\\tchain ${names.chain}[\\s\\S]*?^\\t\\}\\n\\n?`, 'gm');
const ownRule = new RegExp(`^.*(jump ${names.chain}|comment "${names.comment}).*\\n`, 'gm');

/** The tables of a listing of nft by `family name`, as text without counters, handles, times left, and guestgate's own rules. */
export function tableTexts(listing: string): ReadonlyMap<string, string> {
  const texts = listing.match(/^table [\s\S]*?^\}$/gm) ?? [];
  return new Map(
    texts.map((text) => [
      /^table (\S+ .+?) \{/.exec(text)?.[1] ?? '',
      text
        .replaceAll(/counter packets \d+ bytes \d+/g, 'counter')
        .replaceAll(/ expires [\ddhms]+/g, '')
        .replaceAll(/ # handle \d+/g, '')
        .replaceAll(ownChain, '')
        .replaceAll(ownRule, '')
        .replaceAll(/\n\n+/g, '\n'),
    ]),
  );
}

/**
 * The tables of others that differ between two listings, with how.
 *
 * @returns `nft table inet filter was removed`, sentences without a full stop
 */
export function tableDifferences(before: string, after: string): string[] {
  const [had, has] = [tableTexts(before), tableTexts(after)];
  const isForeign = (path: string) => !own.includes(path.replace(/^\S+ /, ''));
  return [...new Set([...had.keys(), ...has.keys()])].filter(isForeign).flatMap((path) => {
    if (!has.has(path)) return [`nft table ${path} was removed`];
    if (!had.has(path)) return [`nft table ${path} was made`];
    return had.get(path) === has.get(path) ? [] : [`nft table ${path} was changed`];
  });
}
