import type { LabGuest } from './lab-guest.ts';
import { domainXml, networkHookXml, statusXml } from './lab-xml.ts';
import type { RunOptions } from './ran.ts';

/*
 * How libvirt calls the hooks: four arguments, the XML on stdin. What becomes of a call is for the test to judge, so
 * that no exit code is an error here.
 */

/** A program, what it is given, and how it is run. */
export type Call = readonly [program: string, args: readonly string[], options: RunOptions];
export type GuestHookOptions = RunOptions & { readonly metadata?: string };
export type DaemonOperation = 'start' | 'reload' | 'shutdown';

const folder = '/etc/libvirt/hooks';

export function guestHookCall(guest: LabGuest, operation: string, options: GuestHookOptions): Call {
  const suffix = operation === 'stopped' || operation === 'release' ? 'end' : 'begin';
  const call = [`${folder}/qemu`, guest.name, operation, suffix, '-'] as const;
  const [program, ...args] = withStatus(guest, operation, call, options.metadata);
  const input = domainXml(guest, operation, options.metadata);
  return [program, args, { input, mayFail: true, ...options }];
}

/** A call, and what libvirt does to its status file: it is there before `started`, and gone after `release`. */
function withStatus(
  guest: LabGuest,
  operation: string,
  call: readonly [string, ...string[]],
  metadata?: string,
): readonly [string, ...string[]] {
  const file = `/run/libvirt/qemu/${guest.name}.xml`;
  if (operation === 'started') {
    const script = 'mkdir -p /run/libvirt/qemu; printf %s "$1" >"$2"; shift 2; unset PWD; exec "$@"';
    return ['sh', '-ec', script, 'sh', statusXml(guest, metadata), file, ...call];
  }
  if (operation !== 'release') return call;
  const script = 'file=$1; shift; unset PWD; "$@"; code=$?; rm -f "$file"; exit $code';
  return ['sh', '-c', script, 'sh', file, ...call];
}

export function networkHookCall(operation: string, input = networkHookXml(), options: RunOptions = {}): Call {
  const args = ['default', operation, operation === 'stopped' ? 'end' : 'begin', '-'];
  return [`${folder}/network`, args, { input, mayFail: true, ...options }];
}

export function daemonHookCall(operation: DaemonOperation, options: RunOptions = {}): Call {
  const rest = { start: ['-', 'start'], reload: ['begin', 'SIGHUP'], shutdown: ['-', 'shutdown'] };
  return [`${folder}/daemon`, ['-', operation, ...rest[operation]], { mayFail: true, ...options }];
}
