import { type Family, familyOf, type Network } from '../../model/address.ts';
import type { KernelCommand } from '../../model/command.ts';
import { formatPorts, type PortRange } from '../../model/port.ts';
import type { HostProtection } from '../../model/protection.ts';
import type { Rate } from '../../model/rate.ts';
import { digest } from '../iptables/digest.ts';
import { names } from '../names.ts';
import { nft } from '../nftables/statements.ts';

/*
 * What the host itself takes from others, in a table of its own. It only drops and refuses: what it lets pass still meets the
 * rules of everyone else, and what is forwarded does not come by here.
 *
 *     a packet for the host itself
 *               |
 *     inet guestgate_host, input, filter - 20
 *       of the host with itself?      passes
 *       echo request?                 too large, or too many of them: drop
 *       of a connection that exists?  passes, ICMP errors about it, too
 *       ICMP that is not needed?      drop
 *       ssh from elsewhere?           drop
 *       a refused port?               refuse
 *
 * Echo requests come first, because those that follow the first reply belong to a connection. Neighbour discovery is no
 * connection, and always needed. nft defragments what connection tracking sees, so that no rule meets a fragment.
 */

/** A chain without rules whose name says which protection this is: one look tells whether the table is the one that is wanted. */
export function markerOf(protection: HostProtection): string {
  return `policy_${digest(rules(protection), 12)}`;
}

/** The table, made new in one transaction. */
export function makeProtection(protection: HostProtection): KernelCommand {
  return nft(`${clearing}${renderProtection(protection)}`);
}

/** Removes the table, whether or not it is there. */
export const removeProtectionTable: KernelCommand = nft(
  `add table inet ${names.protectTable}\ndelete table inet ${names.protectTable}\n`,
);

const clearing = removeProtectionTable.input ?? '';

/** The text of the table alone. */
export function renderProtection(protection: HostProtection): string {
  return `table inet ${names.protectTable} {\n\tchain ${markerOf(protection)} {\n\t}\n${rules(protection)}}\n`;
}

function rules(protection: HostProtection): string {
  const { icmp, reject, log } = protection;
  const logged = log === undefined ? [] : [`${limit('', log)} log prefix "guestgate refused: "`];
  return [
    chain('dropped', [...logged, 'counter drop']),
    chain('refused', [...logged, 'meta l4proto tcp counter reject with tcp reset', 'counter reject']),
    chain('ping', pingRules(protection)),
    chain('input', [
      'type filter hook input priority filter - 20; policy accept;',
      'iifname "lo" accept',
      'icmp type echo-request jump ping',
      'icmpv6 type echo-request jump ping',
      'ct state established,related accept',
      ...(icmp === 'needed' ? neededIcmp : []),
      ...sshRules(protection),
      ...(['tcp', 'udp'] as const).flatMap((protocol) => {
        const ports = reject.filter((one) => one.protocol === protocol).map((one) => one.ports);
        return ports.length === 0 ? [] : [`${protocol} dport ${set(ports)} jump refused`];
      }),
    ]),
  ].join('');
}

/** The header of ICMP has 8 bytes, that of IPv4 20 as a rule; the length of IPv6 does not count its own header. */
function pingRules({ pingSize, pingRate }: HostProtection): string[] {
  const sizes =
    pingSize === undefined
      ? []
      : [`ip length > ${pingSize + 28} jump dropped`, `ip6 length > ${pingSize + 8} jump dropped`];
  const rates =
    pingRate === undefined
      ? []
      : ['ipv4', 'ipv6'].map((family) => `meta nfproto ${family} ${limit('over ', pingRate)} jump dropped`);
  return [...sizes, ...rates];
}

/**
 * What a host must take: errors, which path MTU discovery and connections live from, echo, and of IPv6 all that addresses, routers
 * and multicast need (RFC 4890, 4.4; RFC 4286). A redirect is not needed: routers deliver what they redirect.
 */
const neededIcmp: readonly string[] = [
  'icmp type != { echo-reply, destination-unreachable, echo-request, time-exceeded, parameter-problem, router-advertisement } jump dropped',
  'icmpv6 type != { 1, 2, 3, 4, 128, 129, 130, 131, 132, 133, 134, 135, 136, 141, 142, 143, 148, 149, 151, 152, 153 } jump dropped',
];

function sshRules({ sshFrom, sshPorts }: HostProtection): string[] {
  if (sshFrom === undefined) return [];
  const to = `tcp dport ${set(sshPorts)}`;
  return [sshRule('ip', sshFrom, to), sshRule('ip6', sshFrom, to)];
}

function sshRule(family: Family, from: readonly Network[], to: string): string {
  const own = from.filter((network) => familyOf(network) === family);
  if (own.length === 0) return `meta nfproto ${family === 'ip' ? 'ipv4' : 'ipv6'} ${to} jump dropped`;
  return `${family} saddr != { ${own.join(', ')} } ${to} jump dropped`;
}

/** A burst of as many as the rate names, 5 at least and 100 at most. */
function limit(over: '' | 'over ', { connections, per }: Rate): string {
  return `limit rate ${over}${connections}/${per} burst ${Math.min(Math.max(connections, 5), 100)} packets`;
}

/** nft refuses a set whose ranges overlap. */
function set(ports: readonly PortRange[]): string {
  const merged: PortRange[] = [];
  for (const range of [...ports].sort((a, b) => a.first - b.first)) {
    const last = merged.at(-1);
    if (last !== undefined && range.first <= last.last + 1)
      merged[merged.length - 1] = { first: last.first, last: Math.max(last.last, range.last) };
    else merged.push(range);
  }
  return `{ ${merged.map(formatPorts).join(', ')} }`;
}

function chain(name: string, lines: readonly string[]): string {
  return `\tchain ${name} {\n${lines.map((line) => `\t\t${line}\n`).join('')}\t}\n`;
}
