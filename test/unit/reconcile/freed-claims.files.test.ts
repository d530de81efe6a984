import '../own-folders.ts';
import { expect } from 'vitest';
import { replanRefused } from '../../../src/reconcile/freed-claims.ts';
import { parseRequest } from '../../../src/reconcile/request.ts';
import { guestOfTicket, queued } from '../../../src/state/request-files.ts';
import { folderTest as test } from '../own-folders.ts';
import { forwardOf } from '../records.ts';
import { changeOf } from './plans.ts';

const [a, b] = [forwardOf(80), forwardOf(81)];
const filter = { kind: 'source-filter', claim: { host: '203.0.113.9' }, from: [] } as const;

test.for([
  ['a stopped guest frees its ports', changeOf({ elements: [a] }, { elements: [] }, { removes: true }), true],
  [
    'the record of a stopped guest may still name them',
    changeOf({ elements: [a] }, { elements: [a] }, { removes: true }),
    true,
  ],
  ['a changed policy frees one of two', changeOf({ elements: [a, b] }, { elements: [b] }), true],
  [
    'another protocol is another port',
    changeOf({ elements: [a] }, { elements: [forwardOf(80, { protocol: 'udp' })] }),
    true,
  ],
  [
    'the same port to another port of the guest',
    changeOf({ elements: [a] }, { elements: [forwardOf(80, { to: 8080 })] }),
    false,
  ],
  [
    'a guest with another address frees the one that it had',
    changeOf({ elements: [a] }, { elements: [forwardOf(80, { guest: '192.168.122.42' })] }),
    true,
  ],
  ['a restriction of an address holds it, too', changeOf({ elements: [filter] }, { elements: [] }), true],
  [
    'a policy that moves from a file to metadata gives way',
    changeOf({ elements: [a] }, { elements: [a], weak: true }),
    true,
  ],
  [
    'a policy that was in metadata before gives no more way',
    changeOf({ elements: [a], weak: true }, { elements: [a], weak: true }),
    false,
  ],
  [
    'a policy that moves to a file gives no way',
    changeOf({ elements: [a], weak: true }, { elements: [a] }),
    false,
  ],
  ['a guest that had none frees none', changeOf(undefined, { elements: [a] }), false],
  ['a guest that keeps all frees none', changeOf({ elements: [a] }, { elements: [a, b] }), false],
] as const)('%s', async ([, change, frees]) => {
  await replanRefused([change], ['qemu-mail']);
  const requests = queued().map(({ text }) => parseRequest(text ?? ''));
  expect(requests).toEqual(
    frees ? [{ kind: 'read', value: { format: 2, kind: 'refresh', record: 'qemu-mail' } }] : [],
  );
});

test('only guests that were refused something, and do not change themselves, are planned again', async () => {
  const frees = changeOf({ elements: [a] }, { elements: [] });
  await replanRefused([frees], []);
  await replanRefused([frees], ['qemu-web']);
  expect(queued()).toEqual([]);
  await replanRefused([frees], ['qemu-web', 'qemu-b', 'lxc-c']);
  expect(queued().map(({ ticket }) => guestOfTicket(ticket))).toEqual(['qemu-b', 'lxc-c']);
});
