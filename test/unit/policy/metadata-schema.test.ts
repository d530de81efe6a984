import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseDomain } from '../../../src/libvirt/domain.ts';
import { parseMetadata } from '../../../src/policy/metadata.ts';
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

test('the style sheet for Terraform gives a domain its policy, and leaves everything else in it', async () => {
  const page = readDocuments().find(({ path }) => path === 'docs/howto/policies-in-xml.md')?.text ?? '';
  const sheet = /<xsl:stylesheet[\s\S]*<\/xsl:stylesheet>/.exec(page)?.[0] ?? '';
  const folder = mkdtempSync(join(tmpdir(), 'guestgate-xslt-'));
  try {
    writeFileSync(join(folder, 'guestgate.xsl'), sheet);
    const input =
      "<domain type='kvm'><name>web</name><metadata><a>1</a></metadata><devices><emulator/></devices></domain>";
    const { stdout, error } = spawnSync('xsltproc', [join(folder, 'guestgate.xsl'), '-'], {
      input,
      encoding: 'utf8',
    });
    if (error !== undefined) throw error;
    const { guest, metadata } = await parseDomain('qemu', stdout);
    expect(guest.name).toBe('web');
    expect(parseMetadata(metadata)).toMatchObject({ problems: [], policy: { forwards: [{ to: 443 }] } });
    for (const kept of ['<a>1</a>', '<emulator/>', 'type="kvm"']) expect(stdout).toContain(kept);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
