import { familyOf } from '../model/address.ts';
import { formatHost } from '../model/host-address.ts';
import { isInterfaceName } from '../model/interface-name.ts';
import type { Forward } from '../model/policy.ts';
import { formatPorts } from '../model/port.ts';
import { type Problem, quoted } from '../model/problem.ts';
import { readNetworks } from './address-list.ts';
import { assembleForward, type ForwardText, isSyntaxProblem, parseForward } from './forward-syntax.ts';
import { readLimits } from './limits.ts';
import { readInterfaceChoice } from './read-interface-choice.ts';
import { readList } from './read-list.ts';
import { forwardEntries } from './schema.ts';
import { type Place, problemAt, validateTable } from './validate.ts';

/** The forwards at a guest's `forward`: texts and tables. */
export function readForwards(
  value: string | readonly unknown[] | undefined,
  place: Place,
  problems: Problem[],
): Forward[] | undefined {
  const example = 'a forward like "8443:443", or a table like { port = "8443", to = "443" }';
  return readList<ForwardText>(value, 'forward', example, place, problems, {
    parse: parseForward,
    describe: describeForward,
    read: (entry, at) => {
      const table = validateTable(forwardEntries, entry, at, problems);
      const { host, port, to, protocol, from, loopback, masquerade, uplink, rate, connections } = table;
      const networks = readNetworks(['from'], from, at, problems);
      const interfaceChoice = readInterfaceChoice(table, at, problems);
      const limits = readLimits({ rate, connections }, at, problems);
      checkUplink(table, at, problems);
      if (port === undefined) return undefined;
      const parsed = assembleForward({
        host,
        port: `${port}`,
        to: to?.toString(),
        protocol: protocol ?? 'tcp',
      });
      if (loopback === true && !isSyntaxProblem(parsed) && parsed.some(isOfIp6)) {
        problems.push(
          problemAt(
            at,
            ['loopback'],
            'loopback: the forward has an IPv6 address',
            'the kernel sends nothing from ::1 to a guest: remove loopback, or use an IPv4 address',
          ),
        );
      }
      return {
        parsed,
        from: networks,
        interfaceChoice,
        limits: {
          ...limits,
          ...(loopback !== undefined && { loopback }),
          ...(masquerade !== undefined && { masquerade }),
          ...(uplink !== undefined && { uplink }),
        },
      };
    },
  });
}

/** A forward is at the addresses of an interface, or at an address. */
function checkUplink(
  { uplink, host }: { readonly uplink?: string | undefined; readonly host?: string | undefined },
  place: Place,
  problems: Problem[],
): void {
  if (uplink === undefined) return;
  const wrong =
    host !== undefined
      ? ['host and uplink cannot be used together', 'use one of them']
      : isInterfaceName(uplink)
        ? undefined
        : [`invalid interface name ${quoted(uplink)}`, 'see: ip -br link'];
  if (wrong !== undefined) problems.push(problemAt(place, ['uplink'], `uplink: ${wrong[0]}`, wrong[1]));
}

function isOfIp6({ host }: ForwardText): boolean {
  return host !== 'any' && familyOf(host) === 'ip6';
}

/** A forward in docker's syntax, with one of the guest's addresses before its port, and the host's interface behind it. */
export function describeForward({
  host,
  protocol,
  ports,
  to,
  toAddress,
  uplink,
}: ForwardText & Pick<Forward, 'uplink'>): string {
  const guestPorts = formatPorts({ first: to, last: to + ports.last - ports.first });
  const at = host === 'any' ? '' : `${formatHost(host)}:`;
  const target = toAddress === undefined ? '' : `${formatHost(toAddress)}:`;
  const on = uplink === undefined ? '' : ` on ${uplink}`;
  return `${at}${formatPorts(ports)}:${target}${guestPorts}/${protocol}${on}`;
}
