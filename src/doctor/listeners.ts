import { distinct } from '../model/finding.ts';
import { quoted } from '../model/problem.ts';
import { shellWord } from '../model/shell-word.ts';
import { type Listener, listeners } from '../system/listeners.ts';
import type { Check, HostFinding } from './check.ts';
import { forwardsOf, type OwnedForward } from './guests-of.ts';

/** A forward hides a program of the host that listens at the same port. */
export function judgeListeners(forwards: readonly OwnedForward[], all: readonly Listener[]): HostFinding[] {
  const findings = forwards.flatMap(({ guest, element }) => {
    const { protocol, ports } = element;
    return all
      .filter((one) => one.protocol === protocol && one.port >= ports.first && one.port <= ports.last)
      .filter(({ address }) => meet(element.host, address))
      .map(({ address, port, process = 'a program' }): HostFinding => {
        const socket = `${address.includes(':') ? `[${address}]` : address}:${port}/${protocol}`;
        return {
          severity: 'later',
          subject: process,
          problem: `it listens at ${socket}, and the forward to guest ${quoted(guest)} hides that service`,
          fix: `guestgate unpublish ${shellWord(guest)} ${port}/${protocol}`,
        };
      });
  });
  return distinct(findings);
}

/** Whether a forward takes packets for a socket. A socket at `::` takes IPv4, too, unless its program set IPV6_V6ONLY. */
function meet(host: OwnedForward['element']['host'], address: string): boolean {
  if (address === '0.0.0.0') return host === 'any' || (!host.includes(':') && host !== 'any6');
  if (address === '::') return true;
  if (address.startsWith('127.') || address === '::1') return host === address;
  if (host === 'any') return !address.includes(':');
  return host === 'any6' ? address.includes(':') : host === address;
}

export const hostListeners: Check = ({ records }) => {
  const forwards = forwardsOf(records);
  return forwards.length === 0 ? [] : judgeListeners(forwards, listeners());
};
