import { createHash } from 'node:crypto';

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** A text as so many small letters and digits (5 bits each), for names that the kernel cuts short. */
export function digest(text: string, length: number): string {
  const bytes = createHash('sha256').update(text).digest();
  return Array.from({ length }, (_, index) => alphabet[(bytes[index] ?? 0) & 31]).join('');
}
