import stringWidth from 'string-width';
import type { AntispoofElement } from '../model/antispoof.ts';
import type { Claim } from '../model/claim.ts';
import type { ConfinedElement } from '../model/confinement.ts';
import { counted } from '../model/counted.ts';
import type { Element } from '../model/element.ts';
import { isPortClaim } from '../model/element-claims.ts';
import { formatHost } from '../model/host-address.ts';
import type { LimitElement, OpenPorts } from '../model/limit-element.ts';
import { formatPorts } from '../model/port.ts';
import { quoted } from '../model/problem.ts';
import { visibleJson, visibleLine, visibleText } from '../model/visible-text.ts';

/** The only place that writes to stdout. Control characters, which come from outside, are escaped; newlines and tabs stay. */
export function print(text: string): void {
  process.stdout.write(lines(text));
}

/** The same for a text whose parts were escaped before it got colours. */
export function printEscaped(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** How many columns of a terminal a text takes: a CJK character takes two, a combining mark none. */
export function displayWidth(text: string): number {
  return stringWidth(text);
}

/** The same to stderr, as a message of guestgate. */
export function printError(message: string): void {
  process.stderr.write(lines(`guestgate: ${message}`));
}

function lines(text: string): string {
  return visibleText(text.endsWith('\n') ? text : `${text}\n`);
}

export function printJson(value: unknown): void {
  print(visibleJson(JSON.stringify(value, null, 2)));
}

/** Columns, each as wide as its widest cell on a terminal: a CJK character or an emoji takes two places, a combining mark none. */
export function table(cells: readonly (readonly string[])[]): string {
  const rows = cells.map((row) => row.map(visibleLine));
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => stringWidth(row[column] ?? ''))),
  );
  const pad = (cell: string, column: number) =>
    cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - stringWidth(cell)));
  return rows.map((row) => row.map(pad).join('  ').trimEnd()).join('\n');
}

/** An element as a person reads it: `*:8443/tcp -> 192.168.122.41:443`; `[::]` is any address of IPv6. */
export function describeElement(element: Element): string {
  switch (element.kind) {
    case 'forward': {
      const { host, ports, protocol, guest, to } = element;
      const guestPorts = formatPorts({ first: to, last: to + ports.last - ports.first });
      return `${formatHost(host)}:${formatPorts(ports)}/${protocol} -> ${formatHost(guest)}:${guestPorts}`;
    }
    case 'one-to-one':
      return `${element.host} -> ${element.guest}`;
    case 'source-nat':
      return `${element.guest} leaves ${element.interface} as ${element.address}`;
    case 'source-filter':
      return `${claimed(element.claim)} ${onlyFrom(element.from)}`;
    case 'masquerade':
      return `${claimed(element.claim)} masqueraded: ${element.guest} sees the host's address`;
    case 'inside':
      return `${element.interface} leads to the guest`;
    case 'roaming':
      return `${formatHost(element.guest)} may answer by any of the guest's interfaces`;
    case 'denied':
      return `${formatHost(element.guest)} not from ${element.from.join(', ')}`;
    case 'open':
      return `${openPorts(element)} open`;
    case 'open-source-filter':
      return `${openPorts(element)} open ${onlyFrom(element.from)}`;
    case 'rate-limit':
      return `${limitedPorts(element.at)} at most ${counted(element.rate.connections, 'new connection')} a ${element.rate.per}`;
    case 'connection-limit':
      return `${limitedPorts(element.at)} at most ${counted(element.connections, 'connection')} of one address`;
    case 'vif':
      return describePort(element);
    case 'confined':
      return describeConfined(element);
    case 'hairpin':
      return `hairpin on ${element.bridge}`;
    case 'restricted':
      return 'from outside through some interfaces only';
    case 'outside':
      return `from outside through ${element.interface}`;
    case 'gateway':
      return `${element.address} left to the host`;
    case 'network-nat':
      return `${element.network} leaves ${element.interface} as ${element.address}`;
    case 'routed':
      return element.bridge === element.interface
        ? `${element.network}: guests on ${element.bridge} reach each other`
        : `${element.network} on ${element.bridge} may leave ${element.interface}`;
    case 'network-masquerade':
      return `${element.network} on ${element.bridge} leaves ${element.interface} masqueraded`;
    case 'service':
      return `guests on ${element.bridge} reach ${formatPorts(element.ports)}/${element.protocol} of the host${element.family === 'ip6' ? ' (IPv6)' : ''}`;
    case 'absent':
      return `${element.address} dropped while guest ${quoted(element.guest)} does not run`;
  }
}

function describeConfined({ guest, access, egress = [] }: ConfinedElement): string {
  if (access === 'host') return `${formatHost(guest)} reaches the host alone, and the host alone reaches it`;
  const may = egress.map(({ to, protocol, ports }) => `${formatHost(to)}:${formatPorts(ports)}/${protocol}`);
  return `${formatHost(guest)} opens connections to ${['DHCP and DNS of the host', ...may].join(', ')} alone`;
}

function describePort({ port, mac, sources, isolated, closed }: AntispoofElement): string {
  if (closed === 'all') return `${port} sends and receives nothing`;
  const from =
    sources === undefined ? 'anything' : [mac, ...sources].filter((one) => one !== undefined).join(' ');
  return `${port} sends from ${sources?.length === 0 ? 'nothing' : from}${isolated ? ', isolated' : ''}${closed === 'bridge' ? ', and to the host alone' : ''}`;
}

function claimed(claim: Claim): string {
  return isPortClaim(claim)
    ? `${formatHost(claim.host)}:${formatPorts(claim.ports)}/${claim.protocol}`
    : claim.host;
}

function onlyFrom(from: readonly string[]): string {
  return from.length === 0 ? 'from no source' : `only from ${from.join(', ')}`;
}

function openPorts({ guest, ports, protocol }: OpenPorts): string {
  return `${formatHost(guest)}:${formatPorts(ports)}/${protocol}`;
}

function limitedPorts(at: LimitElement['at']): string {
  return 'host' in at
    ? `${formatHost(at.host)}:${formatPorts(at.ports)}/${at.protocol}`
    : `${openPorts(at)} open`;
}
