import { type Address, familyOf, mergeNetworks, type Network, parseNetwork } from '../model/address.ts';
import type { Forward, GuestPolicy, GuestPolicyFound } from '../model/policy.ts';
import { formatPorts } from '../model/port.ts';
import type { Problem } from '../model/problem.ts';
import { assembleForward, type ForwardText, isSyntaxProblem, parseForward } from './forward-syntax.ts';
import { forwardEntries, guestEntries } from './schema.ts';
import { parseUnicast, type SyntaxProblem } from './unicast.ts';
import { isTable, type Place, problemAt, validateTable } from './validate.ts';

/** One `[guest.NAME]` table of the configuration, with all that is wrong with it. */
export function parseGuestTable(value: unknown, place: Place): GuestPolicyFound {
  const problems: Problem[] = [];
  const table = validateTable(guestEntries, value, place, problems);
  const reader = new TableReader(place, problems);
  const address = reader.address('address', table.address);
  const publicAddress = reader.address('public_address', table.public_address);
  const snat = reader.address('snat', table.snat);
  const allowFrom = reader.networks(['allow_from'], table.allow_from);
  const forwards = reader.forwards(table.forward);
  if (snat !== undefined && publicAddress !== undefined && snat !== publicAddress) {
    problems.push(
      problemAt(
        place,
        ['snat'],
        'public_address already says which address the guest leaves with',
        'remove one of them',
      ),
    );
  }
  const policy: GuestPolicy = {
    ...(address !== undefined && { address }),
    ...(forwards !== undefined && { forwards }),
    ...(publicAddress !== undefined && { publicAddress }),
    ...(snat !== undefined && { snat }),
    ...(allowFrom !== undefined && { allowFrom }),
    ...(table.on_error !== undefined && { onError: table.on_error }),
  };
  return { policy, problems };
}

/** Reads the texts of one table, and notes what is wrong with them. */
class TableReader {
  private readonly place: Place;
  private readonly problems: Problem[];

  constructor(place: Place, problems: Problem[]) {
    this.place = place;
    this.problems = problems;
  }

  address(key: string, text: string | undefined): Address | undefined {
    if (text === undefined) return undefined;
    const address = parseUnicast(text);
    if (typeof address === 'string') return address;
    this.problems.push(problemAt(this.place, [key], `${key}: ${address.problem}`, address.hint));
    return undefined;
  }

  networks(
    path: readonly (string | number)[],
    texts: string | readonly string[] | undefined,
  ): Network[] | undefined {
    if (texts === undefined) return undefined;
    const parsed = [texts].flat().flatMap((text) => {
      const network = parseNetwork(text);
      if (network !== undefined && familyOf(network) === 'ip') return [network];
      const wrong = network === undefined ? 'no network' : 'an IPv6 network, and only IPv4 is forwarded';
      const hint = 'like 198.51.100.0/24 or 198.51.100.7';
      this.problems.push(problemAt(this.place, path, `${path.at(-1)}: "${text}" is ${wrong}`, hint));
      return [];
    });
    return mergeNetworks(parsed);
  }

  forwards(value: string | readonly unknown[] | undefined): Forward[] | undefined {
    return value === undefined
      ? undefined
      : [value].flat().flatMap((entry, index) => this.forward(entry, index));
  }

  private forward(entry: unknown, index: number): Forward[] {
    const path = ['forward', index];
    if (typeof entry === 'string') return this.checked(parseForward(entry), path, entry);
    const place = { file: this.place.file, path: [...this.place.path, ...path] };
    if (!isTable(entry)) {
      this.problems.push(
        problemAt(
          place,
          [],
          'must be a forward like "8443:443", or a table like { port = "8443", to = "443" }',
        ),
      );
      return [];
    }
    const table = validateTable(forwardEntries, entry, place, this.problems);
    if (table.port === undefined) {
      if (!Object.hasOwn(entry, 'port'))
        this.problems.push(problemAt(place, [], 'port is missing', 'like { port = "8443", to = "443" }'));
      return [];
    }
    const from = this.networks([...path, 'from'], table.from);
    const parsed = assembleForward({
      host: table.host,
      port: String(table.port),
      to: table.to === undefined ? undefined : String(table.to),
      protocol: table.protocol ?? 'tcp',
    });
    return this.checked(parsed, path, undefined, from);
  }

  private checked(
    parsed: readonly ForwardText[] | SyntaxProblem,
    path: readonly (string | number)[],
    text?: string,
    from?: readonly Network[],
  ): Forward[] {
    if (isSyntaxProblem(parsed)) {
      this.problems.push(problemAt(this.place, path, `forward: ${parsed.problem}`, parsed.hint));
      return [];
    }
    return parsed.map((forward) => ({
      ...forward,
      ...(from !== undefined && { from }),
      text: text ?? describeForward(forward),
    }));
  }
}

/** A forward in docker's syntax. */
export function describeForward({ host, protocol, ports, to }: ForwardText): string {
  const guestPorts = formatPorts({ first: to, last: to + ports.last - ports.first });
  return `${host === 'any' ? '' : `${host}:`}${formatPorts(ports)}:${guestPorts}/${protocol}`;
}
