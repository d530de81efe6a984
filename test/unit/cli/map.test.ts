import { expect, test } from 'vitest';
import { mapCommand } from '../../../src/cli/map.ts';

test('a format that does not exist is refused, and the others are named', async () => {
  const command = mapCommand(() => {})
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  await expect(command.parseAsync(['--format', 'png'], { from: 'user' })).rejects.toThrow(
    'Allowed choices are text, svg, mermaid, dot',
  );
});
