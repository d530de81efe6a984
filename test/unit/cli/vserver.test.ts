import { expect, test } from 'vitest';
import { hiddenCommands } from '../../../src/cli/command-table.ts';
import { vserverCommand } from '../../../src/cli/vserver.ts';

test('the script of Linux-VServer is a command that no list shows', () => {
  expect(hiddenCommands).toContain(vserverCommand(() => {}).name());
});
