import { quoted } from '../model/problem.ts';
import { type Listener, listeners } from '../system/listeners.ts';
import type { Check, Finding } from './finding.ts';
import { forwardsOf, type OwnedForward, shellWord } from './guests-of.ts';

/** A forward takes a port away from the program that listens there: usually somebody did not mean it. */
export function judgeListeners(forwards: readonly OwnedForward[], all: readonly Listener[]): Finding[] {
  const findings = forwards.flatMap(({ guest, element }) => {
    const { protocol, ports } = element;
    return all
      .filter((one) => one.protocol === protocol && one.port >= ports.first && one.port <= ports.last)
      .filter(({ address }) => meet(element.host, address))
      .map(({ address, port, process = 'a program' }): Finding => {
        const socket = `${address.includes(':') ? `[${address}]` : address}:${port}/${protocol}`;
        return {
          severity: 'later',
          what: `${process} listens at ${socket}, and what comes there goes to guest ${quoted(guest)}: one of the two is not meant`,
          fix: `guestgate unpublish ${shellWord(guest)} ${port}/${protocol}`,
        };
      });
  });
  const seen = new Set<string>();
  return findings.filter(({ what }) => !seen.has(what) && seen.add(what));
}

/** Whether a socket would be reached at where a forward stands. `::` takes IPv4, too, unless it was told otherwise. */
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
