import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';

/** How many unchanged lines are shown around a change. */
const context = 2;

/**
 * What changes in a text, as `diff -u` shows it; without a newline at the end.
 *
 * @param before undefined: the file does not exist yet
 */
export function renderDiff(name: string, before: string | undefined, after: string): string {
  const old = before === undefined ? '/dev/null' : name;
  const options = { context, headerOptions: FILE_HEADERS_ONLY };
  const patch = createTwoFilesPatch(old, name, before ?? '', after, undefined, undefined, options);
  return patch.replace(/\n$/, '');
}
