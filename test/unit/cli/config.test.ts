import { expect, test } from 'vitest';
import { configCommand } from '../../../src/cli/config.ts';

test('the only action is edit', async () => {
  const command = configCommand(() => {})
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  await expect(command.parseAsync(['show'], { from: 'user' })).rejects.toThrow('Allowed choices are edit');
});
