// docs/reference: keys.md from the schema, commands.md from the command table, exit-codes.md and the tables of files.md from
// the program's own, the same sections of the manuals, and pkg/completions.
// Run by: npm run reference. With --json it prints them instead, for test/unit/documents.test.ts.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createProgram } from '../src/cli/cli.ts';
import { statusJsonSchema } from '../src/cli/status-schema.ts';
import { configurationSchema } from '../src/policy/configuration-schema.ts';
import { renderMetadataSchema } from '../src/policy/metadata-schema.ts';
import { describeCommands, renderCommands } from './reference/commands.ts';
import { renderCompletions } from './reference/completions.ts';
import { renderExitCodes } from './reference/exit-codes.ts';
import { renderFiles } from './reference/files.ts';
import { renderKeys } from './reference/keys.ts';
import { renderManual } from './reference/manual.ts';

const repository = fileURLToPath(new URL('../', import.meta.url));
const program = await createProgram(() => {});
const manuals = ['pkg/man/guestgate.8', 'pkg/man/guestgate.toml.5'];
const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
const filesPage = 'docs/reference/files.md';
const files = {
  'docs/reference/keys.md': renderKeys(),
  'docs/reference/commands.md': renderCommands(program),
  'docs/reference/exit-codes.md': renderExitCodes(),
  'docs/reference/guestgate.schema.json': json(configurationSchema()),
  'docs/reference/status.schema.json': json(statusJsonSchema()),
  'docs/reference/guestgate-metadata.rng': renderMetadataSchema(),
  [filesPage]: renderFiles(readFileSync(repository + filesPage, 'utf8')),
  ...Object.fromEntries(
    manuals.map((path) => [path, renderManual(readFileSync(repository + path, 'utf8'), program)]),
  ),
  ...Object.fromEntries(
    Object.entries(renderCompletions(program)).map(([name, text]) => [`pkg/completions/${name}`, text]),
  ),
};

if (process.argv.includes('--json'))
  console.log(JSON.stringify({ files, commands: describeCommands(program) }));
else for (const [path, text] of Object.entries(files)) writeFileSync(repository + path, text);
