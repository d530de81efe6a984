import { fileURLToPath } from 'node:url';

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
