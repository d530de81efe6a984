import { InvalidArgumentError } from 'commander';

/** An option's number, for commander. @throws InvalidArgumentError if it is none */
export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('must be a whole number.');
  return Number(text);
}
