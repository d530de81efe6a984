import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { renderMetadataSchema } from '../../../src/policy/metadata-schema.ts';
import { readDocuments } from '../../support/documents.ts';

/** What xmllint says of a text; empty if it is valid. */
function complaint(xml: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'guestgate-schema-'));
  try {
    writeFileSync(join(folder, 'schema.rng'), renderMetadataSchema());
    const args = ['--noout', '--relaxng', join(folder, 'schema.rng'), '-'];
    const { status, stderr, error } = spawnSync('xmllint', args, { input: xml, encoding: 'utf8' });
    if (error !== undefined) throw error;
    return status === 0 ? '' : stderr;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const inNamespace = 'xmlns:gg="urn:guestgate:1"';

test('every policy in XML in the documents is valid', () => {
  const texts = readDocuments().map(({ text }) => text);
  const policies = texts.flatMap(
    (text) => text.match(/<gg:guest[^>]*xmlns:gg="[^"]*"[^>]*>[\s\S]*?<\/gg:guest>/g) ?? [],
  );
  expect(policies.length).toBeGreaterThan(1);
  for (const policy of policies) expect(complaint(policy), policy).toBe('');
});

test.each([
  ['<gg:open><gg:range start="443"/></gg:open><gg:snat address="203.0.113.9"/>', true],
  ['<gg:portForward/>', false],
  ['<gg:portForward><gg:range to="80"/></gg:portForward>', false],
  ['<gg:allowFrom/>', false],
  ['<gg:portForwards/>', false],
  ['<portForward/>', false],
])('%s is valid: %s', (inner, valid) => {
  expect(complaint(`<gg:guest ${inNamespace}>${inner}</gg:guest>`) === '').toBe(valid);
});
