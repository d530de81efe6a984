import { describe, expect, test } from 'vitest';
import { foreignNat } from '../../../../src/backends/iptables/foreign-nat.ts';
import { judgeJump, jumpPlaces } from '../../../../src/backends/iptables/jumps-to-ours.ts';

/* Who is asked first in a chain of others decides, so a jump to ours has to be the first rule, once. */

const own = 'GUESTGATE-FORWARD';
const jump = `-A FORWARD -j ${own}`;
const other = '-A FORWARD -j DOCKER-USER';
const save = (...rules: string[]) =>
  `*nat\n${jump}\nCOMMIT\n*filter\n:FORWARD ACCEPT [0:0]\n${rules.join('\n')}\nCOMMIT\n`;

test.each([
  ['no such table', undefined, false, []],
  ['an empty chain: that of another table does not count', save(), false, []],
  ['only others', save(other), false, []],
  ['first', save(jump, other), true, [0]],
  ['behind others', save(other, jump), false, [1]],
  ['first, and once more', save(jump, other, jump), false, [0, 2]],
  ['a jump with a condition is none of ours', save(`-A FORWARD -i eth0 -j ${own}`), false, []],
  ['a chain whose name goes on is another', save(`${jump}-2`), false, []],
])('%s', (_, listing, first, found) => {
  expect(judgeJump(listing, 'filter', 'FORWARD', own)).toEqual({ needed: true, first, found });
});

test('where ours are led to from, in the order in which they open', () => {
  const names = jumpPlaces('nft', 'ip').map(({ name }) => name);
  expect(names).toEqual([
    'iptables FORWARD',
    'iptables mangle PREROUTING',
    'iptables mangle INPUT',
    'iptables mangle FORWARD',
    'iptables mangle POSTROUTING',
    'iptables nat POSTROUTING',
    'iptables nat OUTPUT',
    'iptables nat PREROUTING',
  ]);
  const six = jumpPlaces('legacy', 'ip6').map(({ name }) => name);
  expect(six).toEqual(names.map((name) => name.replace('iptables', 'ip6tables-legacy')));
});

test('is put first again by one call, which takes away what is elsewhere', () => {
  const [forward] = jumpPlaces('nft', 'ip');
  expect(forward?.assert({ needed: true, first: false, found: [1, 4] }, 1).input).toBe(
    `*filter\n-D FORWARD -j ${own}\n-D FORWARD -j ${own}\n-I FORWARD 1 -j ${own}\nCOMMIT\n`,
  );
});

describe("the other variant's nat table", () => {
  const place = foreignNat('legacy', 'ip');
  const nat = (...rules: string[]) =>
    `*nat\n${rules.map((rule) => `-A POSTROUTING ${rule}`).join('\n')}\nCOMMIT\n`;
  const ours = '-j GUESTGATE-POSTROUTING';

  test.each([
    ['nobody translates there', nat(ours), { needed: false, first: true, found: [0] }],
    ['others do, behind ours', nat(ours, '-j MASQUERADE'), { needed: true, first: true, found: [0] }],
    ['others do, ahead of ours', nat('-j MASQUERADE', ours), { needed: true, first: false, found: [1] }],
    ['the table is not there', undefined, { needed: false, first: false, found: [] }],
  ])('%s', (_, listing, state) => {
    expect(place.judge(listing)).toEqual(state);
  });

  test('leaves to us what carries our mark', () => {
    const { input } = place.assert({ needed: true, first: false, found: [] }, 0x10000000);
    const bit = '0x10000000/0x10000000';
    expect(input).toContain(
      `-A GUESTGATE-POSTROUTING -m mark --mark ${bit} -m connmark --mark ${bit} -j ACCEPT\n`,
    );
  });
});
