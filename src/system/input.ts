import { closeSync, constants, openSync, read, readSync } from 'node:fs';
import { maximumInput, UserError } from '../model/problem.ts';
import { sleep } from './sleep.ts';
import { documentLimits } from './time-limits.ts';

/**
 * Reads the XML document on stdin. Ends at the end of the input, at the end of the document, or after 2 s in
 * which nothing came: the caller may have left the pipe open.
 *
 * @throws UserError if it is longer than any domain, or takes longer than 4 s
 */
export async function readDocument(): Promise<string> {
  const pipe = openOwn();
  try {
    return await readTo(pipe);
  } finally {
    if (pipe !== undefined) closeSync(pipe);
  }
}

/**
 * The same pipe, opened once more (proc_pid_fd(5)), so that reading it need not wait in a thread of its own, which
 * would have to be started first. Not all that stdin may be can be opened so: a socket cannot.
 */
function openOwn(): number | undefined {
  try {
    return openSync('/proc/self/fd/0', constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}

async function readTo(pipe: number | undefined): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  const until = performance.now() + documentLimits.all;
  for (;;) {
    const left = until - performance.now();
    if (left <= 0) throw new UserError(`reading stdin: it did not end within ${documentLimits.all / 1000} s`);
    const wait = Math.min(documentLimits.more, left);
    const chunk = pipe === undefined ? await readChunk(wait) : readAtOnce(pipe, wait);
    if (chunk === undefined) break;
    chunks.push(chunk);
    length += chunk.length;
    if (length > maximumInput)
      throw new UserError(`reading stdin: more than ${maximumInput >> 20} MiB is no domain XML`);
    if (/<\/(domain|hookData)>\s*$/.test(chunk.subarray(-64).toString('latin1'))) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** @returns undefined at the end, or if nothing came for so many milliseconds */
function readAtOnce(pipe: number, wait: number): Buffer | undefined {
  const buffer = Buffer.allocUnsafe(1 << 16);
  const until = performance.now() + wait;
  for (;;) {
    try {
      const count = readSync(pipe, buffer, 0, buffer.length, null);
      return count === 0 ? undefined : buffer.subarray(0, count);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN')
        throw new UserError('reading stdin', { cause: error });
    }
    if (performance.now() >= until) return undefined;
    sleep(1);
  }
}

function readChunk(wait: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const buffer = Buffer.allocUnsafe(1 << 16);
    const timer = setTimeout(() => resolve(undefined), wait);
    read(0, buffer, 0, buffer.length, null, (error, count) => {
      clearTimeout(timer);
      if (error === null) resolve(count === 0 ? undefined : buffer.subarray(0, count));
      else if (error.code === 'EOF' || error.code === 'EAGAIN') resolve(undefined);
      else reject(new UserError('reading stdin', { cause: error }));
    });
  });
}
