import { expect, test } from 'vitest';
import { apart } from '../../../src/reconcile/apart.ts';
import { forwardOf, recordOf } from '../records.ts';

const change = {
  name: 'qemu-web',
  before: undefined,
  after: recordOf('web', { elements: [forwardOf(80)] }),
  adds: true,
  removes: false,
  doing: '',
};

test('where no guest failed before, all changes are carried out together', async () => {
  const changes = [change, { ...change, name: 'qemu-b', before: recordOf('b') }];
  expect(await apart(changes, false)).toEqual({ together: changes, alone: [], untried: [] });
});
