import type { Family } from '../model/address.ts';
import { parseAddress } from '../model/address.ts';
import type { KernelCommand } from '../model/command.ts';
import type { Direction, Flow } from '../model/flow.ts';
import { isProtocol } from '../model/port.ts';
import { messageOf } from '../model/problem.ts';
import { wholeListing } from '../model/program-output.ts';
import { protocolNumbers } from '../model/protocol-number.ts';
import { toSystem } from './log-line.ts';
import { tryRun } from './run.ts';

/** `endFlows()` through conntrack(8), where the kernel cannot be asked itself. Flows of other protocols stay. */
export function endFlowsByProgram(
  family: Family,
  ours: number | undefined,
  isMeant: (flow: Flow) => boolean,
): number | undefined {
  const kind = ['-f', family === 'ip' ? 'ipv4' : 'ipv6'];
  const marked = ours === undefined ? [] : ['--mark', `${ours}/${ours}`];
  const command = { program: 'conntrack', args: ['-L', ...kind, ...marked] };
  const listing = tryRun(command);
  if (listing === undefined) return undefined;
  const meant = listing.split('\n').flatMap((line) => {
    const flow = parseLine(line);
    return flow !== undefined && isMeant(flow.flow) ? [flow] : [];
  });
  for (const { flow, name } of meant) {
    const { source, destination, sourcePort, destinationPort } = flow.original;
    const ports = ['--sport', String(sourcePort), '--dport', String(destinationPort)];
    const args = ['-D', ...kind, '-p', name, '-s', source, '-d', destination, ...ports];
    tryRun({ program: 'conntrack', args });
  }
  return isWhole(listing, command) ? meant.length : undefined;
}

/** `readFlows()` through conntrack(8). Flows of other protocols are left out. */
export function readFlowsByProgram(family: Family): readonly Flow[] | undefined {
  const args = ['-L', '-f', family === 'ip' ? 'ipv4' : 'ipv6'];
  const listing = tryRun({ program: 'conntrack', args });
  return listing?.split('\n').flatMap((line) => parseLine(line)?.flow ?? []);
}

/** Flows in an incomplete listing are ended all the same; the transaction is done, so the rest is only logged. */
function isWhole(listing: string, command: KernelCommand): boolean {
  try {
    wholeListing(listing, command);
    return true;
  } catch (error) {
    void toSystem({ level: 'warn', message: `ending connections: ${messageOf(error)}` });
    return false;
  }
}

/** `tcp 6 431999 ESTABLISHED src=.. dst=.. sport=.. dport=.. src=.. dst=.. sport=.. dport=.. [ASSURED] mark=0 use=1` */
function parseLine(line: string): { flow: Flow; name: string } | undefined {
  const [name = ''] = line.split(' ');
  const protocol = isProtocol(name) ? protocolNumbers[name] : undefined;
  const directions = [...line.matchAll(/src=(\S+) dst=(\S+) sport=(\d+) dport=(\d+)/g)].map(parseDirection);
  const [original, reply] = directions;
  if (protocol === undefined || original === undefined || reply === undefined) return undefined;
  const mark = Number(/ mark=(\d+)/.exec(line)?.[1] ?? 0);
  return {
    flow: {
      protocol,
      original,
      reply,
      assured: line.includes('[ASSURED]'),
      answered: !line.includes('[UNREPLIED]'),
      mark,
    },
    name,
  };
}

function parseDirection([, source = '', destination = '', from, to]: RegExpExecArray): Direction {
  return {
    source: parseAddress(source) ?? source,
    destination: parseAddress(destination) ?? destination,
    sourcePort: Number(from),
    destinationPort: Number(to),
  };
}
