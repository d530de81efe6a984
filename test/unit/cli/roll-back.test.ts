import { expect, test } from 'vitest';
import { hiddenCommands } from '../../../src/cli/command-table.ts';
import { rollBackCommand } from '../../../src/cli/roll-back.ts';

test('people do not see the command that programs start', () => {
  expect(hiddenCommands).toContain(rollBackCommand(() => {}).name());
});
