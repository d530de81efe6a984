import createLogger from 'winston/lib/winston/create-logger.js';
import Transport from 'winston-transport';
import { type LogEntry, toStderr, toSystem } from './log-line.ts';

/**
 * Writes lines to stderr and to the system's log as `guestgate`, as hooks do: for what is run by hand.
 *
 * @param verbose whether lines of level debug are written too
 * @param where `system`: not to stderr; the command prints its own text there
 */
export async function writeLog(
  entries: readonly LogEntry[],
  verbose: boolean,
  where: 'everywhere' | 'system' = 'everywhere',
): Promise<void> {
  const logger = createLogger({
    level: verbose ? 'debug' : 'info',
    transports: [...(where === 'everywhere' ? [new StderrTransport()] : []), new SystemTransport()],
  });
  const finished = new Promise<void>((resolve) => logger.once('finish', resolve));
  for (const entry of entries) logger.log(entry);
  logger.end();
  await finished;
}

class StderrTransport extends Transport {
  override log(entry: LogEntry, done: () => void): void {
    toStderr(entry);
    done();
  }
}

class SystemTransport extends Transport {
  override log(entry: LogEntry, done: () => void): void {
    void toSystem(entry).then(done);
  }
}
