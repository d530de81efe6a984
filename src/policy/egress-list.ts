import type { Egress } from '../model/access.ts';
import { type Network, parseNetwork } from '../model/address.ts';
import { parsePorts, parseProtocols } from '../model/port.ts';
import { type Problem, quoted } from '../model/problem.ts';
import { badPorts, badProtocol, isSyntaxProblem } from './forward-syntax.ts';
import type { SyntaxProblem } from './unicast.ts';
import { type Place, problemAt } from './validate.ts';

/** Cut where ranges begin and end, so many entries become their square at most. */
const most = 64;

/** What a guest may open: `25/tcp`, `192.0.2.0/24:443`, `[2001:db8::/32]:443`, `53/tcp+udp`. */
export function readEgress(
  value: string | readonly string[] | undefined,
  place: Place,
  problems: Problem[],
): Egress[] | undefined {
  if (value === undefined) return undefined;
  const texts = [value].flat();
  if (texts.length > most)
    problems.push(problemAt(place, ['egress'], `egress has ${texts.length} entries; the limit is ${most}`));
  return texts.slice(0, most).flatMap((text, index) => {
    const parsed = parseEgress(text);
    if (!isSyntaxProblem(parsed)) return parsed;
    const { problem, hint } = parsed;
    problems.push({ ...problemAt(place, ['egress', index], problem, hint), key: 'egress' });
    return [];
  });
}

/** One entry: one for each protocol. */
export function parseEgress(text: string): Egress[] | SyntaxProblem {
  const [, network, rest = ''] = /^(?:(.*):)?([^:\]]*)$/s.exec(text.trim()) ?? [];
  const to = network === undefined ? undefined : parseTarget(network);
  if (network !== undefined && to === undefined)
    return {
      problem: `invalid network ${quoted(network)}`,
      hint: 'write 192.0.2.0/24:443, [2001:db8::/32]:443 or 443 for all networks',
    };
  const [port = '', ...protocol] = rest.split('/');
  const ports = parsePorts(port);
  if (ports === undefined) return badPorts(port);
  const named = protocol.length === 0 ? 'tcp' : protocol.join('/');
  const protocols = parseProtocols(named);
  if (protocols === undefined) return badProtocol(named);
  return protocols.map((one) => ({ ...(to !== undefined && { to }), protocol: one, ports, text }));
}

/** IPv6 is in brackets: without them the last group could be the port. */
function parseTarget(text: string): Network | undefined {
  const [, bracketed, prefix = ''] = /^\[([^\]]*)\](\/\d+)?$/.exec(text) ?? [];
  if (bracketed !== undefined) return parseNetwork(`${bracketed}${prefix}`);
  return text.includes(':') ? undefined : parseNetwork(text);
}
