import type { Lab } from '../support/lab.ts';
import { probesCommand } from '../support/probe.ts';

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
 * Asks all at the same time: a question without an answer takes as long as it may.
 *
 * @returns to each question `guest1 sees 198.51.100.2`, or `nobody`: the kernel tells only some of those whom it
 * refuses at a time (icmp_ratelimit)
 */
export function ask<Name extends string>(
  lab: Lab,
  probes: Readonly<Record<Name, Probe>>,
): Record<Name, string> {
  const all = Object.entries<Probe>(probes);
  const spaces = [...new Set(all.map(([, { from }]) => from))];
  const asked = spaces.map((space) => all.filter(([, { from }]) => from === space));
  const commands = spaces.map((space, at) => {
    const inside = space === 'host' ? '' : `nsenter --net=/run/netns/${space} `;
    const questions = asked[at]?.map(([, { protocol: over = 'tcp', ...rest }]) => ({ over, ...rest })) ?? [];
    return `${inside}${probesCommand(questions)} >/tmp/probes-${at} &`;
  });
  const read = spaces.map((_, at) => `cat /tmp/probes-${at}`);
  const answers = lab.host.sh([...commands, 'wait', ...read].join('\n')).split('\0');
  return Object.fromEntries(asked.flat().map(([name], at) => [name, answerOf(answers[at] ?? '')])) as Record<
    Name,
    string
  >;
}

function answerOf(said: string): string {
  const [, who, whom] = /hello from (\S+), you are (\S+)/.exec(said) ?? [];
  if (who !== undefined && whom !== undefined) return `${who} sees ${whom}`;
  return 'nobody';
}
