import { parseAddress } from '../../src/model/address.ts';

/** Something that is asked for. */
export interface Probe {
  readonly address: string;
  readonly port: number;
  readonly over?: 'tcp' | 'udp';
  /** The address, and port, that it is asked from. */
  readonly source?: string;
  readonly sourcePort?: number;
}

/** A shell script that asks for all at once and prints the answers, or what went wrong, a NUL byte between them. */
export function probesScript(probes: readonly Probe[]): string {
  const scripts = probes.map((probe) => (probe.over === 'udp' ? askScript(probe) : fetchScript(probe)));
  if (scripts.length === 1) return scripts.join();
  const asking = scripts.map((script, at) => `{ ${script}; } >$folder/${at} &`);
  const telling = probes.map((_, at) => `cat $folder/${at}; printf '\\0'`);
  return ['folder=$(mktemp -d)', ...asking, 'wait', ...telling, 'rm -r $folder'].join('\n');
}

/**
 * In seconds. The other end answers at once and by the kernel alone: a connection that does not stand by then will
 * not; the kernel would try again after a second.
 */
const connectSeconds = 0.3;

/** In seconds, how long an answer over UDP is waited for: somebody has to start a program to give it. */
const answerSeconds = 0.7;

/** Prints the answer over TCP, or what went wrong. */
function fetchScript(probe: Probe): string {
  const target = `TCP${socatTarget(probe)},connect-timeout=${connectSeconds}`;
  return `echo 'GET /' | timeout 3 socat -t2 - ${target} 2>&1 | tail -1`;
}

/** Prints the answer over UDP, or nothing. */
function askScript(probe: Probe): string {
  const talk = `echo hello; timeout ${answerSeconds} head -n1 >&2`;
  return `socat -t0 UDP${socatTarget(probe)} SYSTEM:'${talk}' 2>&1`;
}

function socatTarget({ address, port, source, sourcePort }: Probe): string {
  const from = source === undefined ? '' : `,bind=${inBrackets(source)}`;
  const fromPort = sourcePort === undefined ? '' : `:${sourcePort}`;
  return `${address.includes(':') ? 6 : 4}:${inBrackets(address)}:${port}${from}${fromPort}`;
}

function inBrackets(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

/** socat writes IPv6 addresses at full length, in brackets. */
export function plainAddresses(text: string): string {
  return text.replaceAll(/\[([0-9a-f:]{39})\]/g, (_, address: string) => parseAddress(address) ?? address);
}
