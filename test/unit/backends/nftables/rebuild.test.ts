import { expect, test } from 'vitest';
import { rebuild } from '../../../../src/backends/nftables/rebuild.ts';
import { families } from '../../../../src/model/address.ts';
import type { FamilyElement } from '../../../../src/model/element.ts';
import { forwardOf } from '../../records.ts';

const six = forwardOf(80, { host: 'any6', guest: 'fd00:122::41' });
const input = (
  elements: readonly FamilyElement[],
  used = ['ip'] as readonly ('ip' | 'ip6')[],
  known = families,
) => {
  const commands = rebuild(
    {
      guests: [{ id: 'qemu-web', label: 'web', elements }],
      networks: [{ kind: 'absent', address: '203.0.113.9', guest: 'a "b"' }],
      mark: 0x10000000,
    },
    used,
    known,
  );
  expect(commands).toHaveLength(1);
  return commands[0]?.input ?? '';
};
const tables = (text: string, what: string) =>
  [...text.matchAll(new RegExp(`^${what} (ip6?) guestgate`, 'gm'))].map(([, family]) => family);

test('every table that the host can have is cleared, and those that are needed are made again', () => {
  const text = input([forwardOf(80)]);
  expect(tables(text, 'delete table')).toEqual([...families]);
  expect(tables(text, 'table')).toEqual(['ip']);
  expect(tables(input([forwardOf(80), six]), 'table')).toEqual(['ip', 'ip6']);
});

test('a family that was used keeps its table, though no element is of it', () => {
  expect(tables(input([forwardOf(80)], ['ip', 'ip6']), 'table')).toEqual(['ip', 'ip6']);
});

test('a host without IPv6 gets no table of it', () => {
  expect(tables(input([forwardOf(80)], ['ip', 'ip6'], ['ip']), '(?:delete )?table')).toEqual(['ip', 'ip']);
});

test('entries show whose they are; the name of an absent guest is encoded', () => {
  const text = input([forwardOf(8080)]);
  expect(text).toContain('tcp . 8080 comment "web" : 192.168.122.41 . 80');
  expect(text).toContain('203.0.113.9 comment "a%20%22b%22"');
});
