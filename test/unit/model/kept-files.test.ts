import { expect, test } from 'vitest';
import { keptFiles } from '../../../src/model/kept-files.ts';
import { paths } from '../../../src/model/paths.ts';

test('all of them survive a reboot', () => {
  for (const path of Object.values(keptFiles)) expect(path.startsWith(`${paths.kept}/`)).toBe(true);
});
