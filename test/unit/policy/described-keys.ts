import { parse } from 'smol-toml';
import * as v from 'valibot';
import { expect } from 'vitest';
import type { KeyDescription } from '../../../src/policy/key-description.ts';

/** What the reference says of the keys of a table agrees with the schema of that table. */
export function expectAgreement(
  entries: Readonly<Record<string, v.GenericSchema>>,
  descriptions: Readonly<Record<string, KeyDescription>>,
): void {
  expect(Object.keys(descriptions).sort()).toEqual(Object.keys(entries).sort());
  for (const [key, { text, example, default: usual }] of Object.entries(descriptions)) {
    const schema = entries[key];
    expect(text, key).toMatch(/[.)]$/);
    for (const written of [example, literal(usual)])
      if (written !== undefined && schema !== undefined)
        expect(v.safeParse(schema, parse(`x = ${written}`)['x']).success, `${key} = ${written}`).toBe(true);
  }
}

/** A default that is a value, not a sentence: a code span alone. */
function literal(usual: string | undefined): string | undefined {
  return /^`([^`]+)`$/.exec(usual ?? '')?.[1];
}
