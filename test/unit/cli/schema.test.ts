import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { schemaCommand } from '../../../src/cli/schema.ts';
import { repositoryPath } from '../../support/repository.ts';

test.each([
  [[], 'guestgate.schema.json'],
  [['--status'], 'status.schema.json'],
  [['--metadata'], 'guestgate-metadata.rng'],
])('schema %j prints what is published as %s', async (options, file) => {
  const written: string[] = [];
  const { write } = process.stdout;
  process.stdout.write = ((text: string) => written.push(text) > 0) as typeof write;
  try {
    await schemaCommand(() => {}).parseAsync([...options], { from: 'user' });
  } finally {
    process.stdout.write = write;
  }
  expect(written.join('')).toBe(readFileSync(repositoryPath(`docs/reference/${file}`), 'utf8'));
});
