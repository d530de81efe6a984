import { expect, test } from 'vitest';
import { commandTable } from '../../../src/cli/command-table.ts';
import { describeExitCodes, exitMeanings } from '../../../src/cli/exit-codes.ts';
import { exitCodes } from '../../../src/model/exit-code.ts';

test('each code that a command can end with has a meaning, and the help lists it', () => {
  const { vifRefused, ...ofCommands } = exitCodes;
  expect(exitMeanings.map(({ code }) => code).sort()).toEqual(Object.values(ofCommands).sort());
  for (const { code, short } of exitMeanings) expect(describeExitCodes()).toContain(`${code} ${short}`);
  expect(exitMeanings.some(({ code }) => Number(code) === vifRefused)).toBe(false);
});

test('a meaning of its own is that of a command that there is', () => {
  for (const { of } of exitMeanings)
    for (const name of Object.keys(of)) expect(Object.keys(commandTable), name).toContain(name);
});
