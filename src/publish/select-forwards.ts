import { parseAddress } from '../model/address.ts';
import { isEverywhere } from '../model/host-address.ts';
import type { Forward } from '../model/policy.ts';
import { formatPorts, isProtocol, overlap, type PortRange, parsePorts } from '../model/port.ts';
import { describeForward } from '../policy/forward-list.ts';
import { type ForwardText, isSyntaxProblem, parseForward } from '../policy/forward-syntax.ts';

/**
 * Finds forwards by their whole text (`8443:443/tcp`), or by their host side alone (`8443`, `8443/udp`,
 * `203.0.113.11:8443`).
 *
 * @returns their indexes, in ascending order, and a problem for each text that fits no forward, or several
 */
export function selectForwards(
  forwards: readonly Forward[],
  texts: readonly string[],
): { indexes: number[]; problems: string[] } {
  const indexes = new Set<number>();
  const problems: string[] = [];
  for (const text of texts) {
    const sought = parseSought(text);
    if (typeof sought === 'string') {
      problems.push(sought);
      continue;
    }
    const found = [...forwards.keys()].filter((index) => fits(forwards[index] as Forward, sought));
    const kinds = new Set(found.map((index) => describeForward(forwards[index] as Forward)));
    if (found.length === 0) problems.push(`${text} is not published${near(forwards, sought)}`);
    else if (kinds.size > 1) problems.push(`${text} could be ${[...kinds].join(' or ')}: name one of them`);
    else for (const index of found) indexes.add(index);
  }
  return { indexes: [...indexes].sort((a, b) => a - b), problems };
}

/** A part that is missing fits all forwards. */
type Sought = Partial<Omit<ForwardText, 'ports'>> & { readonly ports: PortRange };

/** @returns a problem if the text is neither a forward nor a host side */
function parseSought(text: string): Sought | string {
  const side = /^(?:(.+):)?([\d-]+)(?:\/(.*))?$/.exec(text.trim());
  const bare = side?.[1]?.replace(/^\[(.*)\]$/, '$1');
  const host = bare === undefined || isEverywhere(bare) ? bare : parseAddress(bare);
  const ports = parsePorts(side?.[2] ?? '');
  const protocol = side?.[3]?.toLowerCase();
  if (ports !== undefined && (side?.[1] === undefined || host !== undefined)) {
    if (protocol === undefined || isProtocol(protocol)) {
      return { ...(host !== undefined && { host }), ports, ...(protocol !== undefined && { protocol }) };
    }
  }
  const parsed = parseForward(text);
  if (isSyntaxProblem(parsed)) return `${parsed.problem} (${parsed.hint})`;
  const [forward, second] = parsed;
  return forward === undefined || second !== undefined ? `${text}: name one protocol` : forward;
}

function fits(forward: Forward, { host, protocol, ports, to }: Sought): boolean {
  return (
    formatPorts(forward.ports) === formatPorts(ports) &&
    (host === undefined || host === forward.host) &&
    (protocol === undefined || protocol === forward.protocol) &&
    (to === undefined || to === forward.to)
  );
}

/** Names the forwards that share a port of host or guest with the wanted one; else all forwards. */
function near(forwards: readonly Forward[], { ports, to }: Sought): string {
  if (forwards.length === 0) return ': the guest has no forwards';
  const sharing = forwards.filter((forward) => overlap(forward.ports, ports) || forward.to === to);
  const shown = (sharing.length > 0 ? sharing : forwards).map(describeForward);
  const more = shown.length > 8 ? `, and ${shown.length - 8} more` : '';
  return `; ${sharing.length > 0 ? 'similar forwards' : 'its forwards'}: ${shown.slice(0, 8).join(', ')}${more}`;
}
