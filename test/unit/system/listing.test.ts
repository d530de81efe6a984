import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { tryListing } from '../../../src/system/listing.ts';

/** A program that prints a text, and ends with an exit code: named like those whose listings are checked. */
function program(text: string, exitCode = 0): string {
  const folder = mkdtempSync(join(tmpdir(), 'guestgate-listing-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'iptables-save');
  writeFileSync(path, `#!/bin/sh\ncat <<'END'\n${text}\nEND\nexit ${exitCode}\n`, { mode: 0o755 });
  return path;
}
const list = (text: string, exitCode?: number) => tryListing({ program: program(text, exitCode), args: [] });

test('a whole listing is returned as it was printed', () => {
  expect(list('*filter\n:FORWARD DROP [0:0]\nCOMMIT')).toBe('*filter\n:FORWARD DROP [0:0]\nCOMMIT\n');
});

test('a program that fails, or is not installed, lists nothing', () => {
  expect(list('*filter\nCOMMIT', 1)).toBeUndefined();
  expect(tryListing({ program: 'gg-missing-save', args: [] })).toBeUndefined();
});

test('half a listing is an error, though the program says that all went well', () => {
  expect(() => list('*filter\n:FORWARD DROP [0:0]')).toThrow('an incomplete listing');
});
