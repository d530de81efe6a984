import { describe, expect, test } from 'vitest';
import { parseRequest, type Request, renderRequest } from '../../../src/reconcile/request.ts';
import { desiredOf, forwardOf } from '../records.ts';

/* A request lies in the queue until whoever has the lock takes it: another process, perhaps another version. */

const premise = { configuration: 'stamp', record: 3, live: 'stamp of the file' } as const;
const guest = { driver: 'qemu', name: 'web' } as const;
const apply: Request = {
  kind: 'apply',
  cause: 'start',
  stage: 'all',
  desired: desiredOf('web', { elements: [forwardOf(80)], unknown: ['ip6'] }),
  premise,
  mark: 0x10000000,
  backend: 'iptables-nft',
};

test.each<[string, Request]>([
  ['apply', apply],
  ['remove', { kind: 'remove', guest, ended: false, premise }],
  ["remove, the guest's own end", { kind: 'remove', guest, ended: true }],
  ['refresh', { kind: 'refresh', record: 'qemu-web' }],
])('%s is read as it was written', (_, request) => {
  expect(parseRequest(renderRequest(request))).toEqual({
    kind: 'read',
    value: expect.objectContaining(request),
  });
});

describe('is not carried out', () => {
  const withChange = (change: object) => JSON.stringify({ ...JSON.parse(renderRequest(apply)), ...change });
  const withDesired = (change: object) => withChange({ desired: { ...apply.desired, ...change } });

  test.each([
    ['half a file', renderRequest(apply).slice(0, -2), 'its JSON is incomplete or invalid'],
    ['another format', withChange({ format: 99 }), 'it has format 99, and this version reads format'],
    ['no format', withChange({ format: undefined }), 'it has no format number'],
    ['no object', 'null', 'it has no format number'],
    ['a kind that is not known', withChange({ kind: 'move' }), 'fields'],
    ['a kind that every object has', withChange({ kind: 'toString' }), 'fields'],
    ['a cause that is not known', withChange({ cause: 'whim' }), 'fields'],
    ['no premise', withChange({ premise: undefined }), 'fields'],
    ['a back end that is not known', withChange({ backend: 'ebtables' }), 'fields'],
    ['a name that is no text', withDesired({ guest: { ...guest, name: 5, nics: [] } }), 'fields'],
    [
      'text for nft as an address',
      withDesired({ elements: [forwardOf(80, { guest: '1.2.3.4 ; drop' })] }),
      'fields',
    ],
    ['a port beyond all', withDesired({ elements: [forwardOf(65_536)] }), 'fields'],
    [
      'an element of a network among those of the guest',
      withDesired({ elements: [{ kind: 'gateway', address: '1.1.1.1' }] }),
      'fields',
    ],
    ['a family that is none', withDesired({ unknown: ['ipx'] }), 'fields'],
  ])('%s', (_, text, why) => {
    expect(parseRequest(text)).toEqual({ kind: 'unreadable', why: expect.stringContaining(why) });
  });
});
