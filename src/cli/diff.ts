/** How many unchanged lines are shown around a change. */
const context = 2;

/** More lines than this are not compared one with another: the old ones go, the new ones come. */
const mostLines = 2000;

type Line = readonly [sign: ' ' | '-' | '+', text: string];

/**
 * What changes in a text, as `diff -u` shows it.
 *
 * @param before undefined: there is none yet
 */
export function renderDiff(name: string, before: string | undefined, after: string): string {
  const lines = compare(linesOf(before ?? ''), linesOf(after));
  const hunks = hunksOf(lines).map((hunk) => renderHunk(lines, hunk));
  return [`--- ${before === undefined ? '/dev/null' : name}`, `+++ ${name}`, ...hunks].join('\n');
}

/** A last line without a newline is another one than the same with it. */
function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  else lines.push(`${lines.pop()}\n\\ No newline at end of file`);
  return lines;
}

function compare(before: readonly string[], after: readonly string[]): Line[] {
  let head = 0;
  while (head < Math.min(before.length, after.length) && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < Math.min(before.length, after.length) - head && before.at(-1 - tail) === after.at(-1 - tail))
    tail++;
  const same = (text: string): Line => [' ', text];
  return [
    ...before.slice(0, head).map(same),
    ...compareMiddle(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...before.slice(before.length - tail).map(same),
  ];
}

/** The longest common subsequence of lines stays. */
function compareMiddle(before: readonly string[], after: readonly string[]): Line[] {
  const width = after.length + 1;
  if (before.length + after.length > mostLines) {
    return [...before.map((text): Line => ['-', text]), ...after.map((text): Line => ['+', text])];
  }
  const longest = new Uint32Array((before.length + 1) * width);
  const at = (i: number, j: number) => longest[i * width + j] as number;
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      longest[i * width + j] =
        before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    if (i < before.length && before[i] === after[j]) {
      lines.push([' ', before[i++] as string]);
      j++;
    } else if (j >= after.length || (i < before.length && at(i + 1, j) >= at(i, j + 1))) {
      lines.push(['-', before[i++] as string]);
    } else lines.push(['+', after[j++] as string]);
  }
  return lines;
}

/** The stretches of lines to be shown: changes that are near each other share one. */
function hunksOf(lines: readonly Line[]): [start: number, end: number][] {
  const hunks: [number, number][] = [];
  for (const [index, [sign]] of lines.entries()) {
    if (sign === ' ') continue;
    const [start, end] = [Math.max(0, index - context), Math.min(lines.length, index + context + 1)];
    const last = hunks.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = end;
    else hunks.push([start, end]);
  }
  return hunks;
}

function renderHunk(lines: readonly Line[], [start, end]: readonly [number, number]): string {
  const count = (part: readonly Line[], sign: '-' | '+') =>
    part.filter(([own]) => own === ' ' || own === sign).length;
  const position = (sign: '-' | '+') => {
    const length = count(lines.slice(start, end), sign);
    return `${count(lines.slice(0, start), sign) + (length === 0 ? 0 : 1)},${length}`;
  };
  const shown = lines.slice(start, end).map(([sign, text]) => sign + text);
  return [`@@ -${position('-')} +${position('+')} @@`, ...shown].join('\n');
}
