// docs/reference/keys.md from the schema, commands.md from the command table. Run by: npm run reference. Arguments:
// --json prints files and names instead, for test/unit/documents.test.ts.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createProgram } from '../src/cli/program.ts';
import { describeCommands, renderCommands } from './reference/commands.ts';
import { renderKeys } from './reference/keys.ts';

const folder = fileURLToPath(new URL('../docs/reference/', import.meta.url));
const program = createProgram(() => {});
const files = { 'keys.md': renderKeys(), 'commands.md': renderCommands(program) };

if (process.argv.includes('--json'))
  console.log(JSON.stringify({ files, commands: describeCommands(program) }));
else for (const [name, text] of Object.entries(files)) writeFileSync(folder + name, text);
