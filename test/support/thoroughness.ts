/**
 * Whether labs try everything (`npm run test:lab`), or of many cases of one kind some, as in `npm test`, which is to end within
 * ten minutes on two cores.
 */
export const isThorough = process.env['LABS'] === 'all';

/** Of many cases some, evenly spread; all of them in a thorough run. */
export function someOf<Case>(cases: readonly Case[], most: number): readonly Case[] {
  if (isThorough || cases.length <= most) return cases;
  return Array.from({ length: most }, (_, index) => cases[Math.floor((index * cases.length) / most)] as Case);
}
