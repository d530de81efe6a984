import '../own-folders.ts';
import { existsSync } from 'node:fs';
import { expect } from 'vitest';
import { holdsRules, onHostEvent } from '../../../src/hook/host-event.ts';
import { noRules } from '../../../src/model/outcome.ts';
import { paths } from '../../../src/model/paths.ts';
import { writeHostState } from '../../../src/state/host-state.ts';
import { folderTest as test } from '../own-folders.ts';

const call = { hook: 'network', object: 'default', operation: 'stopped', suboperation: 'end' } as never;

test('the kernel holds rules of guestgate once a back end is in use', () => {
  expect(holdsRules()).toBe(false);
  writeHostState({ networks: {} });
  expect(holdsRules()).toBe(false);
  writeHostState({ networks: {}, mark: 0x10000000 });
  expect(holdsRules(), 'of a version without back ends').toBe(true);
});

test.for(['network-down', 'attach', 'detach', 'assert'] as const)(
  'without any rule, %s reads no XML, makes no folder and does nothing',
  async (reaction) => {
    const document = () => Promise.reject(new Error('stdin was read'));
    expect(await onHostEvent(call, reaction, document)).toEqual(noRules);
    expect(existsSync(paths.state)).toBe(false);
  },
);
