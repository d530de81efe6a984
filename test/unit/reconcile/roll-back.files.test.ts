import '../own-folders.ts';
import { expect } from 'vitest';
import { rollBack } from '../../../src/reconcile/roll-back.ts';
import { readClaims } from '../../../src/state/claims.ts';
import { readRecord } from '../../../src/state/records.ts';
import { folderTest as test } from '../own-folders.ts';
import { forwardOf, recordOf } from '../records.ts';

const claim = { host: 'any', protocol: 'tcp', ports: { first: 80, last: 80 } } as const;

test('a refused change leaves the old elements and their claims, the reason, and what failed', () => {
  const before = recordOf('web', { elements: [forwardOf(80)] });
  const after = recordOf('web', { elements: [forwardOf(80), forwardOf(81)] });
  const change = { name: 'qemu-web', before, after, adds: true, removes: false, doing: '' };
  rollBack(change, new Error('no room'), { digest: 'x', times: 3 });
  expect(readRecord('qemu-web')).toMatchObject({
    elements: before.elements,
    problems: [{ kind: 'refused', problem: 'no room', advice: expect.stringContaining('replay web') }],
    failed: { digest: 'x', times: 3 },
  });
  expect(readClaims([claim], 'qemu-b')).toEqual([{ claim, holder: 'qemu-web' }]);
});
