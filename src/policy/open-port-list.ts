import type { OpenPort } from '../model/policy.ts';
import type { Problem } from '../model/problem.ts';
import { readNetworks } from './address-list.ts';
import { isSyntaxProblem } from './forward-syntax.ts';
import { readLimits } from './limits.ts';
import { assembleOpenPort, describeOpenPort, type OpenPortText, parseOpenPort } from './open-port-syntax.ts';
import { readList } from './read-list.ts';
import { openPortEntries } from './schema.ts';
import { parseUnicast, type SyntaxProblem } from './unicast.ts';
import { type Place, validateTable } from './validate.ts';

/** The ports at a guest's `open`: numbers, texts and tables. */
export function readOpenPorts(
  value: string | number | readonly unknown[] | undefined,
  place: Place,
  problems: Problem[],
): OpenPort[] | undefined {
  const example =
    'a port like "443" or "22/tcp", or a table like { port = "443", from = ["198.51.100.0/24"] }';
  const texts = value === undefined ? undefined : [value].flat().map(numberAsText);
  return readList<OpenPortText>(texts, 'open', example, place, problems, {
    parse: parseOpenPort,
    describe: describeOpenPort,
    read: (entry, at) => {
      const {
        port,
        protocol = 'tcp',
        address: given,
        from,
        ...limited
      } = validateTable(openPortEntries, entry, at, problems);
      const networks = readNetworks(['from'], from, at, problems);
      const limits = readLimits(limited, at, problems);
      if (port === undefined) return undefined;
      return { parsed: atAddress(given, assembleOpenPort(`${port}`, protocol)), from: networks, limits };
    },
  });
}

/** The ports of one of the guest's addresses. */
function atAddress(
  text: string | undefined,
  parsed: OpenPortText[] | SyntaxProblem,
): OpenPortText[] | SyntaxProblem {
  if (text === undefined || isSyntaxProblem(parsed)) return parsed;
  const address = parseUnicast(text.replace(/^\[(.*)\]$/, '$1'));
  return typeof address === 'string' ? parsed.map((one) => ({ ...one, address })) : address;
}

function numberAsText(entry: unknown): unknown {
  return typeof entry === 'number' ? String(entry) : entry;
}
