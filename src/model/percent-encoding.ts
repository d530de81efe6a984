/**
 * A byte of UTF-8 in a name that another program reads: as it is, or as `%XX`.
 *
 * @param plain matches the characters that stay as they are
 */
export function percentEncoded(byte: number, plain: RegExp): string {
  const character = String.fromCharCode(byte);
  return plain.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}
