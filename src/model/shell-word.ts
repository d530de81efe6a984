/** A word for a shell, in quotes where it needs them. */
export function shellWord(text: string): string {
  return /^[\w.:@%/+=,-]+$/.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
