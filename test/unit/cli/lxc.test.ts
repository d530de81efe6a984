import { expect, test } from 'vitest';
import { hiddenCommands } from '../../../src/cli/command-table.ts';
import { lxcCommand } from '../../../src/cli/lxc.ts';

test("LXC's hook is a command that no list shows", () => {
  expect(hiddenCommands).toContain(lxcCommand(() => {}).name());
});
