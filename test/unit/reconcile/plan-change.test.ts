import { describe, expect, test } from 'vitest';
import type { Element } from '../../../src/model/element.ts';
import { readNeighbours } from '../../../src/reconcile/neighbours.ts';
import { findConflicts, type Neighbours, planChanges } from '../../../src/reconcile/plan-change.ts';
import type { ApplyRequest, RemoveRequest } from '../../../src/reconcile/request.ts';
import type { GuestRecord } from '../../../src/state/records.ts';
import { desiredOf, forwardOf, recordOf } from '../records.ts';

const now = '2026-02-02T00:00:00.000Z';
const own = { web: '192.168.122.41', mail: '192.168.122.42' } as const;
type Name = keyof typeof own;

const forward = (name: Name, port: number) => forwardOf(port, { guest: own[name] });
const having = (name: string, ...elements: readonly Element[]) => recordOf(name, { elements });

function apply(name: Name, elements: readonly Element[], more: Partial<ApplyRequest> = {}): ApplyRequest {
  const desired = desiredOf(name, { elements });
  return { kind: 'apply', cause: 'start', stage: 'all', desired, premise: { configuration: '' }, ...more };
}

const remove = (name: string): RemoveRequest => ({
  kind: 'remove',
  guest: { driver: 'qemu', name },
  ended: true,
});

/** All guests of the host, by their records: those of the requests, too, as the index of claims has them. */
function hostWith(records: readonly GuestRecord[]): Neighbours {
  return readNeighbours(new Map(records.map((record) => [`qemu-${record.guest.name}`, record])), new Set());
}

/** What each guest has after its request; a guest that is not there has no change. */
function plan(records: readonly GuestRecord[], requests: readonly (ApplyRequest | RemoveRequest)[]) {
  const named = requests.map((request) => {
    const { name: guest } = request.kind === 'apply' ? request.desired.guest : request.guest;
    return { request, name: `qemu-${guest}`, before: records.find((record) => record.guest.name === guest) };
  });
  return planChanges(named, hostWith(records), now);
}

/** `web: 80 8080`, with the problems behind it. */
function told(changes: ReturnType<typeof plan>): string[] {
  return changes.map(({ after: { guest, elements, problems } }) => {
    const ports = elements.flatMap((element) => (element.kind === 'forward' ? element.ports.first : []));
    const said = problems.length === 0 ? '' : ` (${problems.map(({ problem }) => problem).join('; ')})`;
    return `${guest.name}: ${ports.join(' ')}${said}`;
  });
}

const taken = (by: Name) => `port 80/tcp is taken by qemu guest "${by}", which came first`;

describe('who gets a port', () => {
  test('the guest that has it already', () => {
    const records = [having('web', forward('web', 80))];
    expect(told(plan(records, [apply('mail', [forward('mail', 80), forward('mail', 81)])]))).toEqual([
      `mail: 81 (${taken('web')})`,
    ]);
  });

  test('of two that ask together the earlier request', () => {
    const requests = [apply('mail', [forward('mail', 80)]), apply('web', [forward('web', 80)])];
    expect(told(plan([], requests))).toEqual(['mail: 80', `web:  (${taken('mail')})`]);
  });

  test('of two that ask together the one that has it, though its request is the later one', () => {
    const records = [having('web', forward('web', 80))];
    const requests = [apply('mail', [forward('mail', 80)]), apply('web', [forward('web', 80)])];
    expect(told(plan(records, requests))).toEqual([`mail:  (${taken('web')})`, 'web: 80']);
  });

  test('the next one, where its holder gives it up in the same transaction', () => {
    const records = [having('web', forward('web', 80))];
    const requests = [apply('mail', [forward('mail', 80)]), apply('web', [forward('web', 81)])];
    expect(told(plan(records, requests))).toEqual(['mail: 80', 'web: 81']);
  });

  test('the next one, where its holder goes', () => {
    const records = [having('web', forward('web', 80))];
    expect(told(plan(records, [remove('web'), apply('mail', [forward('mail', 80)])]))).toEqual([
      'web: ',
      'mail: 80',
    ]);
  });

  test('both, where two guests exchange theirs', () => {
    const records = [having('web', forward('web', 80)), having('mail', forward('mail', 81))];
    const requests = [apply('web', [forward('web', 81)]), apply('mail', [forward('mail', 80)])];
    expect(told(plan(records, requests))).toEqual(['web: 81', 'mail: 80']);
  });
});

test('a guest that was defined by the name of one that is gone has nothing of that one', () => {
  const [gone, web] = ['aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000002'];
  const guest = { driver: 'qemu', name: 'web', nics: [] } as const;
  const before = { ...having('web', forward('web', 80)), guest: { ...guest, uuid: gone } };
  const asked = (uuid: string) => {
    const request = apply('web', []);
    const desired = { ...request.desired, guest: { ...guest, uuid }, certain: false };
    return plan([before], [{ ...request, desired }])[0]?.after;
  };
  // Its policy has a mistake: what it has stays, if it is its own.
  expect(asked(gone)).toMatchObject({ elements: before.elements, since: before.since });
  expect(asked(web)).toMatchObject({ elements: [], since: now, guest: { uuid: web } });
  // Its port is not its own before it asks for it: a request that came earlier gets it.
  const [mail, other] = [apply('mail', [forward('mail', 80)]), apply('web', [forward('web', 80)])];
  const both = [mail, { ...other, desired: { ...other.desired, guest: { ...guest, uuid: web } } }];
  expect(told(plan([before], both))).toEqual(['mail: 80', `web:  (${taken('mail')})`]);
});

test('what restricts a port that is refused goes with it', () => {
  const claim = { host: 'any', protocol: 'tcp', ports: { first: 80, last: 80 } } as const;
  const filter: Element = { kind: 'source-filter', claim, from: ['198.51.100.0/24'] };
  const [change] = plan([having('web', forward('web', 80))], [apply('mail', [filter, forward('mail', 80)])]);
  expect(change?.after.elements).toEqual([]);
});

describe('what a change is', () => {
  test('of a guest without a record that gets nothing: none', () => {
    expect(plan([], [apply('web', [])])).toEqual([]);
  });

  test('of a guest without a record that is to be removed: none', () => {
    expect(plan([], [remove('web')])).toEqual([]);
  });

  test('before the guest runs: what restricts it, and no accept is moved for it', () => {
    const claim = { host: 'any', protocol: 'tcp', ports: { first: 80, last: 80 } } as const;
    const filter: Element = { kind: 'source-filter', claim, from: [] };
    const [change] = plan([], [apply('web', [filter, forward('web', 80)], { stage: 'restrict' })]);
    expect(change).toMatchObject({ adds: false, removes: false, after: { elements: [filter] } });
  });

  test('an adds: our accepts have to be first for it', () => {
    const [change] = plan([], [apply('web', [forward('web', 80)])]);
    expect(change).toMatchObject({ adds: true, doing: 'adding rules for guest "web"' });
  });

  test('an end: the record is kept for the transaction, without elements', () => {
    const before = having('web', forward('web', 80));
    const [change] = plan([before], [remove('web')]);
    expect(change).toMatchObject({ adds: false, removes: true, before, after: { elements: [] } });
  });
});

describe('the record keeps through every change', () => {
  const before = recordOf('web', {
    elements: [forward('web', 80)],
    hairpinPorts: ['vnet1'],
    loopbackBridges: ['virbr0'],
  });

  test('since when the guest has it, and what was switched for it', () => {
    const [change] = plan([before], [apply('web', [forward('web', 81)])]);
    const { since, hairpinPorts, loopbackBridges, generation } = before;
    expect(change?.after).toMatchObject({ since, hairpinPorts, loopbackBridges, generation });
  });

  test.each([
    ['a guest that is new', []],
    ['a record that could not be read', [{ ...before, since: '' }]],
  ])('%s begins now', (_, records) => {
    const [change] = plan(records, [apply('web', [forward('web', 81)])]);
    expect(change?.after.since).toBe(now);
  });

  test('not the address of before, where none is found now', () => {
    const located = { ...before, address: own.web, addressSource: 'its DHCP lease' };
    const [change] = plan([located], [apply('web', [forward('web', 81)])]);
    expect(change?.after).not.toHaveProperty('address');
  });
});

test('a plan that is only shown names the same conflicts, with the holder', () => {
  const others = hostWith([having('web', forward('web', 80))]);
  const [found] = findConflicts(desiredOf('mail', { elements: [forward('mail', 80)] }), others);
  expect(found).toMatchObject({ kind: 'conflict', problem: taken('web') });
  expect(findConflicts(desiredOf('web', { elements: [forward('web', 80)] }), others)).toEqual([]);
});
