import { expect, test } from 'vitest';
import { foreignNat } from '../../../../src/backends/iptables/foreign-nat.ts';

const jump = '-A POSTROUTING -j GUESTGATE-POSTROUTING';
const save = (...rules: readonly string[]) =>
  `*nat\n:POSTROUTING ACCEPT [0:0]\n${rules.map((rule) => `${rule}\n`).join('')}COMMIT\n`;

test('the other variant’s table is named as its programs are', () => {
  expect(foreignNat('nft', 'ip').name).toBe('iptables nat POSTROUTING');
  expect(foreignNat('legacy', 'ip6').name).toBe('ip6tables-legacy nat POSTROUTING');
});

test('legacy: needed only where another program has rules', () => {
  const { judge } = foreignNat('legacy', 'ip');
  expect(judge(undefined)).toMatchObject({ needed: false });
  expect(judge(save())).toMatchObject({ needed: false });
  expect(judge(save(jump))).toMatchObject({ needed: false, first: true });
  expect(judge(save('-A POSTROUTING -s 10.0.0.0/8 -j MASQUERADE'))).toMatchObject({
    needed: true,
    first: false,
  });
  expect(judge(save('-A POSTROUTING -j MASQUERADE', jump))).toMatchObject({
    needed: true,
    first: false,
    found: [1],
  });
});

test('nft: the kernel is asked for the chain', () => {
  const place = foreignNat('nft', 'ip6');
  expect(place.native?.chain).toEqual({ family: 'ip6', table: 'nat', chain: 'POSTROUTING' });
  expect(place.native?.judge([{ handle: 2, jump: 'GUESTGATE-POSTROUTING' }])).toMatchObject({ first: true });
});

test('asserting removes what is there, and accepts only what carries our bit of both marks', () => {
  const { assert } = foreignNat('legacy', 'ip');
  expect(assert({ needed: true, first: false, found: [1, 3] }, 0x10000000).input?.split('\n')).toEqual([
    '*nat',
    ':GUESTGATE-POSTROUTING - [0:0]',
    '-D POSTROUTING -j GUESTGATE-POSTROUTING',
    '-D POSTROUTING -j GUESTGATE-POSTROUTING',
    '-I POSTROUTING 1 -j GUESTGATE-POSTROUTING',
    '-A GUESTGATE-POSTROUTING -m mark --mark 0x10000000/0x10000000 -m connmark --mark 0x10000000/0x10000000 -j ACCEPT',
    'COMMIT',
    '',
  ]);
});

test('removing takes each jump, then the chain', () => {
  const { remove } = foreignNat('legacy', 'ip');
  expect(remove({ needed: true, first: true, found: [0] }).input).toBe(
    '*nat\n-D POSTROUTING -j GUESTGATE-POSTROUTING\n-F GUESTGATE-POSTROUTING\n-X GUESTGATE-POSTROUTING\nCOMMIT\n',
  );
});
