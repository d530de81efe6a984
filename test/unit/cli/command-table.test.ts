import { expect, test } from 'vitest';
import { createProgram } from '../../../src/cli/cli.ts';
import { commandTable, hiddenCommands } from '../../../src/cli/command-table.ts';

// install brings shell scripts along, which only bun loads: documents.test.ts has all commands from there.
const names = Object.keys(commandTable).filter((name) => name !== 'install');

test.each(names)('%s is the name of the command that is loaded for it', async (name) => {
  const make = await commandTable[name]?.();
  expect(make?.(() => {}).name()).toBe(name);
});

test('a program with one command knows that one alone', async () => {
  const program = await createProgram(() => {}, ['check']);
  expect(program.commands.map((command) => command.name())).toEqual(['check']);
});

test('what guestgate itself starts is not in the help', async () => {
  const help = (await createProgram(() => {}, names)).helpInformation();
  for (const name of hiddenCommands) expect(help).not.toContain(name);
});
