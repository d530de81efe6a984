import { existsSync, writeSync } from 'node:fs';
import { visibleLine } from '../model/visible-text.ts';
import { withLibc } from './libc.ts';
import { runAside } from './run.ts';

/** A line for the log: one for each event. */
export interface LogEntry {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  readonly message: string;
}

/** syslog's severities (RFC 5424, 6.2.1) by the names that winston's npm levels have. */
const severities: Readonly<Record<string, { number: number; name: string }>> = {
  error: { number: 3, name: 'err' },
  warn: { number: 4, name: 'warning' },
  info: { number: 6, name: 'info' },
  debug: { number: 7, name: 'debug' },
};

/** syslog's facility `daemon`, in its place above the severity. */
const facility = 3 << 3;

/** Where systemd's journal takes what programs have to say, and where syslog does. */
const sockets = { journal: '/run/systemd/journal/socket', syslog: '/dev/log' };

/** What a syslog of today keeps of a message at least, in bytes (RFC 5424, 6.1). */
const longest = 2048;

/**
 * Writes a line to stderr, where libvirtd keeps it, and to the system's log as `guestgate`. Never to stdout:
 * libvirt takes what some hooks print for the guest's XML. Hooks come here without winston: they write one line each,
 * and libvirt waits.
 */
export async function writeLine(entry: LogEntry): Promise<void> {
  toStderr(entry);
  await toSystem(entry);
}

/** Synchronously, and without loading a stream. A closed stderr is no reason to fail. */
export function toStderr({ level, message }: LogEntry): void {
  const tag = level === 'info' ? '' : `${level}: `;
  try {
    writeSync(2, `guestgate: ${tag}${onOneLine(message)}\n`);
  } catch {
    // EPIPE, EAGAIN: the system's log has it too.
  }
}

/** To the journal or syslog, whichever there is; by logger(1) where the socket cannot be written to from here. */
export async function toSystem({ level, message }: LogEntry): Promise<void> {
  const severity = severities[level] ?? { number: 6, name: 'info' };
  const line = onOneLine(message);
  // https://systemd.io/JOURNAL_NATIVE_PROTOCOL/
  const entry = `PRIORITY=${severity.number}\nSYSLOG_IDENTIFIER=guestgate\nMESSAGE=${line}\n`;
  if (existsSync(sockets.journal) && sendDatagram(sockets.journal, Buffer.from(entry, 'utf8'))) return;
  if (!existsSync(sockets.syslog)) return;
  const record = `<${facility | severity.number}>guestgate[${process.pid}]: ${line}`;
  if (sendDatagram(sockets.syslog, Buffer.from(record, 'utf8').subarray(0, longest))) return;
  const args = ['-t', 'guestgate', '-p', `daemon.${severity.name}`, '--', line];
  await new Promise<void>((resolve) => runAside('logger', args, resolve));
}

/** A line of a message is a part of the log's line; what else could change a line or a terminal is escaped. */
function onOneLine(message: string): string {
  return visibleLine(message.replaceAll(/[ \t]*\n\s*/g, ' | '));
}

/** AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC; MSG_DONTWAIT | MSG_NOSIGNAL: does not wait for a log that is full. */
function sendDatagram(path: string, datagram: Buffer): boolean {
  const address = Buffer.alloc(110);
  address.writeUInt16LE(1, 0);
  address.write(path, 2, 'latin1');
  const sent = withLibc((libc) => {
    const socket = libc.socket(1, 0x80002, 0);
    if (socket < 0) return false;
    const connected = libc.connect(socket, address, address.length) === 0;
    const length = connected ? libc.send(socket, datagram, datagram.length, 0x4040) : -1;
    libc.close(socket);
    return length === datagram.length;
  });
  return sent === true;
}
