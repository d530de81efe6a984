import { inSpace } from './probe.ts';
import type { Sandbox } from './sandbox.ts';

/** Whether an ICMP echo is answered, where all that could answer is on this machine. @param from the source; undefined: any */
export function answers(host: Sandbox, space: string, to: string, from?: string): boolean {
  return echo(host, space, to, from, 2);
}

/** Whether it is not. */
export function isSilent(host: Sandbox, space: string, to: string, from?: string): boolean {
  return !echo(host, space, to, from, 0.2);
}

function echo(host: Sandbox, space: string, to: string, from: string | undefined, seconds: number): boolean {
  const source = from === undefined ? '' : `-I ${from}`;
  const script = `ping -c1 -W${seconds} ${source} ${to} >/dev/null 2>&1 && echo yes || true`;
  return host.sh(script, inSpace(space)).trim() === 'yes';
}

/** Counts in a namespace what arrives at its eth0 of a kind, from now on: what is returned tells the number. */
export function countFrames(host: Sandbox, space: string, match: string): () => number {
  host.sh(
    `nft 'table netdev seen; delete table netdev seen; table netdev seen { counter seen { }
      chain ingress { type filter hook ingress device eth0 priority 0; ${match} counter name seen; }; }'`,
    { in: space },
  );
  return () =>
    Number(host.sh('nft list counter netdev seen seen', { in: space }).match(/packets (\d+)/)?.[1]);
}
