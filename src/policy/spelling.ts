import { closest, distance } from 'fastest-levenshtein';

/** `did you mean "forward"?`, or all that is allowed when nothing comes near. */
export function suggest(written: string, allowed: readonly string[]): string {
  const nearest = allowed.length === 0 ? '' : closest(written.toLowerCase(), allowed as string[]);
  if (nearest !== '' && distance(written.toLowerCase(), nearest) <= Math.max(2, nearest.length / 3)) {
    return `did you mean "${nearest}"?`;
  }
  return `known: ${allowed.join(', ')}`;
}
