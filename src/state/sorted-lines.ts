import { readSync } from 'node:fs';

/** How much is read at a time, in bytes. */
const block = 4096;

/** An open file, and its first bytes, which have been read already: in a short file a search reads nothing more. */
export interface LinesFile {
  readonly descriptor: number;
  readonly beginning: Buffer;
}

/**
 * Finds a line in a file of sorted lines without reading the others, as look(1) does: `key`, a tab, and the rest.
 *
 * @param from where the first line begins, in bytes
 * @param to where the last one ends
 * @returns the rest of the line; undefined if there is none of that key
 */
export function findLine(file: LinesFile, from: number, to: number, key: string): string | undefined {
  const sought = Buffer.from(`${key}\t`, 'utf8');
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >> 1;
    const start = startOfLine(file, low, middle);
    const line = lineFrom(file, start, high);
    const order = Buffer.compare(line.subarray(0, sought.length), sought);
    if (order === 0) return line.toString('utf8', sought.length);
    if (order < 0) low = start + line.length + 1;
    else high = start;
  }
  return undefined;
}

/** The order that `findLine` wants: by bytes. */
export function sortLines(lines: readonly (readonly [key: string, rest: string])[]): string[] {
  return lines
    .map(([key, rest]) => Buffer.from(`${key}\t${rest}\n`, 'utf8'))
    .sort(Buffer.compare)
    .map((line) => line.toString('utf8'));
}

/** Where the line begins that this place is in; a line begins at `low`. */
function startOfLine(file: LinesFile, low: number, place: number): number {
  for (let end = place; end > low; ) {
    const start = Math.max(low, end - block);
    const newline = read(file, start, end).lastIndexOf(0x0a);
    if (newline >= 0) return start + newline + 1;
    end = start;
  }
  return low;
}

function lineFrom(file: LinesFile, start: number, high: number): Buffer {
  for (let length = block; ; length *= 4) {
    const end = Math.min(high, start + length);
    const text = read(file, start, end);
    const newline = text.indexOf(0x0a);
    if (newline >= 0) return text.subarray(0, newline);
    if (end === high) return text;
  }
}

function read({ descriptor, beginning }: LinesFile, start: number, end: number): Buffer {
  if (end <= beginning.length) return beginning.subarray(start, end);
  const buffer = Buffer.allocUnsafe(end - start);
  return buffer.subarray(0, readSync(descriptor, buffer, 0, buffer.length, start));
}
