import type { Address } from '../model/address.ts';
import { formatHost } from '../model/host-address.ts';
import { formatPorts, type PortRange, type Protocol, parsePorts, parseProtocols } from '../model/port.ts';
import { badPorts, badProtocol } from './forward-syntax.ts';
import type { SyntaxProblem } from './unicast.ts';

/** An open port as its text gives it, without sources and limits. */
export interface OpenPortText {
  /** One of the guest's addresses; undefined: all that are known. */
  readonly address?: Address;
  readonly protocol: Protocol;
  readonly ports: PortRange;
}

/** `443`, `22/tcp`, `8000-8010/udp`, `53/tcp+udp`: one for each protocol. */
export function parseOpenPort(text: string): OpenPortText[] | SyntaxProblem {
  const [port = '', ...protocol] = text.trim().split('/');
  return assembleOpenPort(port, protocol.length === 0 ? 'tcp' : protocol.join('/'));
}

/** The parts of an open port, each as text. */
export function assembleOpenPort(port: string, protocol: string): OpenPortText[] | SyntaxProblem {
  const ports = parsePorts(port);
  if (ports === undefined) {
    const { problem, hint } = badPorts(port);
    return { problem, hint: port.includes(':') ? 'an open port is not translated: forward does that' : hint };
  }
  const protocols = parseProtocols(protocol);
  if (protocols === undefined) return badProtocol(protocol);
  return protocols.map((one) => ({ protocol: one, ports }));
}

export function describeOpenPort({ address, ports, protocol }: OpenPortText): string {
  return `${address === undefined ? '' : `${formatHost(address)}:`}${formatPorts(ports)}/${protocol}`;
}
