import type { Random } from '../unit/planner/random.ts';

const pieces = [
  '<',
  '>',
  '/>',
  '</',
  '&',
  '&lt;',
  '&#0;',
  '&#x10ffff;',
  '&#99999999;',
  '<!--',
  '-->',
  '<![CDATA[',
  ']]>',
  '<!DOCTYPE x [',
  '<?x?>',
  'xmlns',
  ':',
  '"',
  "'",
  '"""',
  '[',
  ']',
  '[[',
  '{',
  '}',
  '=',
  ',',
  '.',
  '#',
  '\\u0000',
  '\\',
  '\n',
  '\0',
  '\ufeff',
  '\ud800',
  'é',
  '__proto__',
  'constructor',
  '1979-05-27',
  '1e999',
  '-0',
  'nan',
  '0x',
  '99999999999999999999',
  'true',
  'gg:guest',
  'domain',
  'forward',
  '_',
  '$',
];

/** A text with a few places changed, taken out, doubled or swapped. */
export function mutate(text: string, random: Random): string {
  let mutated = text;
  for (let count = 1 + random.below(4); count > 0; count--) {
    const at = random.below(mutated.length + 1);
    const length = random.below(random.pick([2, 8, 60]));
    const [before, middle, after] = [
      mutated.slice(0, at),
      mutated.slice(at, at + length),
      mutated.slice(at + length),
    ];
    mutated = random.pick([
      () => before + after,
      () => before + middle + middle + after,
      () => before + random.pick(pieces) + after,
      () => before + random.pick(pieces) + middle + after,
      () => before + String.fromCharCode(random.below(random.pick([128, 65536]))) + after,
      () => before,
      () => before + after.slice(random.below(after.length + 1)) + middle,
    ])();
  }
  return mutated;
}
