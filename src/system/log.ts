import { existsSync, writeSync } from 'node:fs';
import createLogger from 'winston/lib/winston/create-logger.js';
import Transport from 'winston-transport';
import { runAside } from './run.ts';

/** syslog's severities (RFC 5424) by the names that winston's npm levels have. */
const severities: Readonly<Record<string, { number: number; name: string }>> = {
  error: { number: 3, name: 'err' },
  warn: { number: 4, name: 'warning' },
  info: { number: 6, name: 'info' },
  debug: { number: 7, name: 'debug' },
};

/** A line for the log: one for each event. */
export interface LogEntry {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  readonly message: string;
}

/**
 * Writes lines to stderr, where libvirtd keeps them, and to the system's log as `guestgate`. Never to stdout:
 * libvirt takes what some hooks print for the guest's XML.
 *
 * @param verbose whether lines of level debug are written too
 */
export async function writeLog(entries: readonly LogEntry[], verbose: boolean): Promise<void> {
  const logger = createLogger({
    level: verbose ? 'debug' : 'info',
    transports: [new StderrTransport(), new SystemTransport()],
  });
  const finished = new Promise<void>((resolve) => logger.once('finish', resolve));
  for (const { level, message } of entries) logger.log(level, message.replaceAll(/\s*\n\s*/g, ' | '));
  logger.end();
  await finished;
}

interface Info {
  readonly level: string;
  readonly message: string;
}

/** At once, and without loading a stream for it. A stderr that nobody reads any more is no reason to fail. */
function writeLine(line: string): void {
  try {
    writeSync(2, line);
  } catch {
    // EPIPE, EAGAIN: the system's log has it too.
  }
}

class StderrTransport extends Transport {
  override log({ level, message }: Info, done: () => void): void {
    const tag = level === 'info' ? '' : `${level}: `;
    writeLine(`guestgate: ${tag}${message}\n`);
    done();
  }
}

/** systemd's journal where there is one, else syslog through logger(1): Node cannot write to /dev/log. */
class SystemTransport extends Transport {
  override log({ level, message }: Info, done: () => void): void {
    const severity = severities[level] ?? { number: 6, name: 'info' };
    const journal = '/run/systemd/journal/stdout';
    if (existsSync(journal)) void writeJournal(journal, severity.number, message, done);
    else if (existsSync('/dev/log')) runAside('logger', syslogArguments(severity.name, message), done);
    else done();
  }
}

/**
 * The journal's stream protocol, as systemd-cat speaks it: identifier, unit, severity, and four switches, a
 * line each; then the text.
 */
async function writeJournal(
  path: string,
  severity: number,
  message: string,
  done: () => void,
): Promise<void> {
  const { connect } = await import('node:net');
  const socket = connect(path);
  socket.setTimeout(500, () => socket.destroy());
  socket.once('error', () => socket.destroy());
  socket.once('close', done);
  socket.end(`guestgate\n\n${severity}\n0\n0\n0\n0\n${message}\n`);
}

/** For logger(1). */
function syslogArguments(severity: string, message: string): string[] {
  return ['-t', 'guestgate', '-p', `daemon.${severity}`, '--', message];
}
