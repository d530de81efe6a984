import type { Lab } from '../support/lab.ts';

/** One question to the lab: who asks whom, and how. */
export interface Probe {
  /** A namespace, or the host. */
  readonly from: string;
  readonly protocol?: 'tcp' | 'udp';
  readonly address: string;
  readonly port: number;
  /** The client's own address, where it has several. */
  readonly source?: string;
}

/**
 * Asks all at once, since those that nobody answers take a second each.
 *
 * @returns to each question `guest1 sees 198.51.100.2`, or `nobody`: the kernel tells only some of those whom it
 * refuses at a time (icmp_ratelimit)
 */
export function ask<Name extends string>(
  lab: Lab,
  probes: Readonly<Record<Name, Probe>>,
): Record<Name, string> {
  const all = Object.entries<Probe>(probes);
  const commands = all.map(([, probe], index) => `(${commandOf(probe)}) >/tmp/probe-${index} 2>&1 &`);
  const read = all.map((_, index) => `tr '\\n\\r' '  ' </tmp/probe-${index}; echo`);
  const lines = lab.host.sh([...commands, 'wait', ...read].join('\n')).split('\n');
  return Object.fromEntries(all.map(([name], index) => [name, answerOf(lines[index] ?? '')])) as Record<
    Name,
    string
  >;
}

function commandOf({ from, protocol = 'tcp', address, port, source }: Probe): string {
  const inside = from === 'host' ? '' : `nsenter --net=/run/netns/${from} `;
  const version = address.includes(':') ? 6 : 4;
  const bracketed = (text: string) => (text.includes(':') ? `[${text}]` : text);
  const bind = source === undefined ? '' : `,bind=${bracketed(source)}`;
  const wait = protocol === 'tcp' ? ',connect-timeout=2' : '';
  const target = `${protocol.toUpperCase()}${version}:${bracketed(address)}:${port}${wait}${bind}`;
  return `echo hello | ${inside}timeout 3 socat -t1 - ${target}`;
}

function answerOf(said: string): string {
  const [, who, whom] = /hello from (\S+), you are (\S+)/.exec(said) ?? [];
  if (who !== undefined && whom !== undefined) return `${who} sees ${shortened(whom)}`;
  return 'nobody';
}

/** socat writes IPv6 addresses at full length, in brackets. */
function shortened(address: string): string {
  return address.startsWith('[') ? new URL(`http://${address}/`).hostname.slice(1, -1) : address;
}
