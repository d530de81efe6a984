import { type Address, familyOf } from '../model/address.ts';
import { isEverywhere } from '../model/host-address.ts';
import { type PortRange, type Protocol, parsePorts, parseProtocols, protocols } from '../model/port.ts';
import { parseUnicast, type SyntaxProblem } from './unicast.ts';

/** A forward as its text gives it, without sources and limits. */
export interface ForwardText {
  readonly host: Address | 'any';
  readonly protocol: Protocol;
  readonly ports: PortRange;
  readonly to: number;
  /** The guest's address, if not the usual one. */
  readonly toAddress?: Address;
}

const forms = 'write "80", "8443:443", "203.0.113.10:8443:443", "[2001:db8::1]:8443:443", "60000-60010/udp"';

/**
 * docker's `-p`: `[[host-address:]host-port:]guest-port[/protocol]`, ports or ranges of equal length. Unlike
 * docker's, a single port is the host's port too (docker would take a random one), and several protocols may
 * be named (`53/tcp+udp`): a forward for each.
 */
export function parseForward(text: string): ForwardText[] | SyntaxProblem {
  const match = /^(?:(?:(\[[^\]]*\]|[^:[\]]*):)?([^:]*):)?([^:/]*)(?:\/(.*))?$/.exec(text.trim());
  if (match === null) return { problem: `invalid forward "${text}"`, hint: forms };
  const [, hostText, portsText, toText = '', protocolText = 'tcp'] = match;
  return assembleForward({
    host: hostText,
    port: portsText ?? toText,
    to: toText,
    protocol: protocolText,
  });
}

/**
 * The parts of a forward, each as text, put together and checked.
 *
 * @param parts.host an address; `*` or nothing for any of the host's, `0.0.0.0` and `::` for any of one family
 * @param parts.to the guest's port or range, which may follow one of its addresses; nothing for the same as the host's
 * @param parts.protocol one, or several with a `+` between them
 */
export function assembleForward(parts: {
  readonly host: string | undefined;
  readonly port: string;
  readonly to: string | undefined;
  readonly protocol: string;
}): ForwardText[] | SyntaxProblem {
  const host = parseHost(parts.host);
  if (typeof host === 'object') return host;
  const ports = parsePorts(parts.port);
  if (ports === undefined) return badPorts(parts.port);
  const target = parseTarget(parts.to);
  if ('problem' in target) return target;
  const { address: toAddress, ports: toText = parts.port } = target;
  const to = parsePorts(toText);
  if (to === undefined) return badPorts(toText);
  if (toAddress !== undefined && host !== 'any' && familyOf(host) !== familyOf(toAddress))
    return {
      problem: `a forward at ${host} cannot lead to ${toAddress}: one is IPv4, the other IPv6`,
      hint: 'use addresses of one family',
    };
  const [width, toWidth] = [ports.last - ports.first, to.last - to.first];
  if (width !== toWidth && (toWidth !== 0 || toText.includes('-'))) {
    return {
      problem: `${parts.port} is ${width + 1} ports and ${toText} is ${toWidth + 1}`,
      hint: 'give both ranges the same length',
    };
  }
  if (to.first + width > 65535) return badPorts(`${to.first}-${to.first + width}`);
  const parsed = parseProtocols(parts.protocol);
  if (parsed === undefined) return badProtocol(parts.protocol);
  return parsed.map((protocol) => ({
    host,
    protocol,
    ports,
    to: to.first,
    ...(toAddress !== undefined && { toAddress }),
  }));
}

/** `443`, `192.168.122.50:443`, `[fd00:122::50]:443`, or an address alone. */
function parseTarget(
  text: string | undefined,
): { readonly address?: Address; readonly ports?: string } | SyntaxProblem {
  if (text === undefined) return {};
  const [, bracketed, dotted, ports] = /^(?:\[([^\]]*)\]|([^:]*\.[^:]*))(?::(.*))?$/.exec(text.trim()) ?? [];
  const bare = bracketed ?? dotted ?? (text.includes(':') ? text : undefined);
  if (bare === undefined) return { ports: text };
  const address = parseUnicast(bare.trim());
  if (typeof address !== 'string') return address;
  return { address, ...(ports !== undefined && { ports }) };
}

function parseHost(text: string | undefined): Address | 'any' | SyntaxProblem {
  if (text === undefined || text === '' || text === '*') return 'any';
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  return isEverywhere(bare) ? bare : parseUnicast(bare);
}

export function badProtocol(text: string): SyntaxProblem {
  return {
    problem: `invalid protocol "${text}"`,
    hint: `one of ${protocols.join(', ')}, or several: tcp+udp`,
  };
}

export function badPorts(text: string): SyntaxProblem {
  return {
    problem: `invalid port "${text}"`,
    hint: 'ports are numbers from 1 to 65535, ranges like 60000-60010',
  };
}

export function isSyntaxProblem<Parsed extends object>(
  result: Parsed | SyntaxProblem,
): result is SyntaxProblem {
  return 'problem' in result;
}
