import { expect, test } from 'vitest';
import type { RemoveRequest, Request } from '../../../src/reconcile/request.ts';
import { splitIntoRounds } from '../../../src/reconcile/rounds.ts';
import { applyOf } from './plans.ts';

const start = applyOf('web');
const lease = applyOf('web', { cause: 'lease' });
const attach = applyOf('web', { cause: 'interface' });
const command = applyOf('web', { cause: 'command' });
const end: RemoveRequest = { kind: 'remove', guest: { driver: 'qemu', name: 'web' }, ended: true };
const noPolicy: RemoveRequest = { ...end, ended: false, premise: { configuration: 'monday' } };
const refresh: Request = { kind: 'refresh', record: 'qemu-web' };
const other = applyOf('mail', { cause: 'lease' });

const cases: readonly { name: string; requests: readonly Request[]; later: readonly Request[] }[] = [
  { name: 'one request', requests: [lease], later: [] },
  { name: 'a lease behind a start', requests: [start, lease], later: [lease] },
  { name: 'an interface behind a start', requests: [start, attach], later: [attach] },
  { name: 'two interfaces', requests: [attach, { ...attach }], later: [{ ...attach }] },
  { name: 'a command behind an interface', requests: [attach, command], later: [command] },
  { name: 'a policy that is gone behind a lease', requests: [lease, noPolicy], later: [noPolicy] },
  { name: 'a damaged record behind an end', requests: [end, refresh], later: [refresh] },
  { name: 'a start behind a lease', requests: [lease, start], later: [] },
  { name: 'an end behind all', requests: [start, attach, lease, end], later: [] },
  { name: 'a start between two', requests: [attach, start, lease], later: [lease] },
  { name: 'three in a row', requests: [start, lease, command], later: [lease, command] },
  { name: 'another guest', requests: [start, other, lease], later: [lease] },
];

test.each(cases)('$name', ({ requests, later }) => {
  const rounds = splitIntoRounds(requests);
  expect(rounds.later).toEqual(later);
  expect([...rounds.now, ...rounds.later]).toHaveLength(requests.length);
});
