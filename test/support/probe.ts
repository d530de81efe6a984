import { fileURLToPath } from 'node:url';
import type { Sandbox } from './sandbox.ts';

/** Something that is asked for. */
export interface Probe {
  readonly address: string;
  readonly port: number;
  readonly over?: 'tcp' | 'udp';
  /** The address, and port, that it is asked from. */
  readonly source?: string;
  readonly sourcePort?: number;
}

const program = fileURLToPath(new URL('ask.pl', import.meta.url));

/** A shell command that asks for all at the same time and prints the answers, or what went wrong, a NUL byte behind each. */
export function probesCommand(probes: readonly Probe[]): string {
  const asked = probes.map(
    ({ over = 'tcp', address, port, source = '-', sourcePort = '-' }) =>
      `'${over} ${address} ${port} ${source} ${sourcePort}'`,
  );
  return `perl '${program}' ${asked.join(' ')}`;
}

/** A shell command that returns when a namespace answers TCP 80, 443 and 22, and UDP 53. */
export function serveCommand(greeting: string, families: readonly ('4' | '6')[]): string {
  return `perl '${program.replace('ask.pl', 'answer.pl')}' '${greeting}' ${families.join(' ')}`;
}

/** @param from a namespace of the host's, or `host` */
export function probe(host: Sandbox, from: string, probes: readonly Probe[]): string[] {
  const answers = host.sh(probesCommand(probes), inSpace(from)).split('\0');
  return probes.map((_, at) => answers[at] ?? '');
}

/** Sends an ICMP echo; whether it was answered. */
export function pings(host: Sandbox, from: string, address: string): boolean {
  return host.sh(`busybox ping -c1 -W1 ${address} 2>&1 || true`, inSpace(from)).includes(' bytes from ');
}

/** Counts in a namespace, from now on, the ICMP echoes that arrive there; what it returns lists their sources. */
export function countEchoes(host: Sandbox, space: string): () => string[] {
  host.sh(
    `nft 'table ip echoes { set sources { type ipv4_addr; flags dynamic; }
      chain input { type filter hook input priority 0; icmp type echo-request add @sources { ip saddr }; }; }'`,
    { in: space },
  );
  return () => host.sh('nft list set ip echoes sources', { in: space }).match(/\d+\.\d+\.\d+\.\d+/g) ?? [];
}

/** Where a program runs: in a namespace, or on the host itself. */
export function inSpace(space: string): { readonly in?: string } {
  return space === 'host' ? {} : { in: space };
}
