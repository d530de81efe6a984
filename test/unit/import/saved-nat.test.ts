import { expect, test } from 'vitest';
import { readSavedNat } from '../../../src/import/saved-nat.ts';

const nat = (...rules: string[]) =>
  readSavedNat(['*nat', ':PREROUTING ACCEPT [0:0]', ...rules, 'COMMIT'].join('\n'));
const web = '192.168.122.41';

test.each<[string, object]>([
  [
    `-A PREROUTING -p tcp -m tcp --dport 8080 -j DNAT --to-destination ${web}:80`,
    { kind: 'forward', guest: web, texts: ['8080:80'], terms: {} },
  ],
  [
    `[7:420] -A PREROUTING -d 203.0.113.11/32 -i eth0 -p udp -m udp --dport 53 -m comment --comment "dns -A x" -j DNAT --to-destination ${web}`,
    { kind: 'forward', guest: web, texts: ['203.0.113.11:53:53/udp'], terms: {} },
  ],
  [
    `-A PREROUTING -s 198.51.100.0/24 -i eth1 -p tcp -m multiport --dports 80,443,8000:8010 -j DNAT --to-destination ${web}`,
    {
      kind: 'forward',
      texts: ['80', '443', '8000-8010'],
      terms: { from: ['198.51.100.0/24'], uplink: 'eth1' },
    },
  ],
  [
    `-A PREROUTING -p tcp -m addrtype --dst-type LOCAL -m tcp --dport 9000:9002 -j DNAT --to-destination ${web}:9000-9002`,
    { kind: 'forward', texts: ['9000-9002'] },
  ],
  [
    '-A PREROUTING -d 2001:db8::9/128 -p tcp -m tcp --dport 80 -j DNAT --to-destination [fd00:122::41]:8080',
    { kind: 'forward', guest: 'fd00:122::41', texts: ['[2001:db8::9]:80:8080'] },
  ],
  [
    `-A PREROUTING -d 203.0.113.12/32 -j DNAT --to-destination ${web}`,
    { kind: 'one-to-one', guest: web, address: '203.0.113.12' },
  ],
  [
    `-A POSTROUTING -s ${web}/32 -o eth0 -j SNAT --to-source 203.0.113.12`,
    { kind: 'snat', guest: web, address: '203.0.113.12' },
  ],
])('%s', (rule, expected) => {
  expect(nat(rule)).toMatchObject([{ line: 3, ...expected }]);
});

test.each([
  [`-A PREROUTING ! -i virbr0 -p tcp -m tcp --dport 80 -j DNAT --to-destination ${web}`, 'negated -i'],
  [`-A PREROUTING -p tcp -m tcp --dport 80 -m recent --set -j DNAT --to-destination ${web}`, '--set'],
  [`-A PREROUTING -p tcp -m tcp --dport 80:90 -j DNAT --to-destination ${web}:80`, 'several ports'],
  [`-A PREROUTING -p tcp -m tcp --dport 80 -j DNAT --to-destination ${web}-192.168.122.44`, 'one address'],
  [`-A PREROUTING -p tcp -m tcp --dport 80 -j DNAT --to-destination ${web}:80 --random`, '--random'],
  [`-A PREROUTING -j DNAT --to-destination ${web}`, 'all ports of all addresses'],
  [`-A MINE -p tcp -m tcp --dport 80 -j DNAT --to-destination ${web}`, 'chain MINE'],
  ['-A POSTROUTING -s 192.168.122.0/24 -o eth0 -j SNAT --to-source 203.0.113.9', '[network.NAME]'],
  ['-A POSTROUTING -s 10.0.0.0/8 -j MASQUERADE', 'masquerade'],
  ['-A PREROUTING -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 3128', 'REDIRECT'],
])('%s is not translated', (rule, why) => {
  expect(nat(rule)).toEqual([
    { kind: 'untranslated', line: 3, text: rule, why: expect.stringContaining(why) },
  ]);
});

test('rules of libvirt and those that accept need no translation', () => {
  expect(
    nat(
      '-A LIBVIRT_PRT -s 192.168.122.0/24 -j MASQUERADE',
      '-A POSTROUTING -j LIBVIRT_PRT',
      `-A OUTPUT -d 203.0.113.9/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination ${web}:80`,
    ),
  ).toEqual([]);
  const filter = `*filter\n-A FORWARD -d ${web}/32 -p tcp -m tcp --dport 80 -j ACCEPT\n-A INPUT -j DROP\n`;
  expect(readSavedNat(filter)).toEqual([]);
  expect(readSavedNat(`${filter}-A FORWARD -s 198.51.100.7/32 -j DROP\n`)).toMatchObject([
    { kind: 'untranslated', line: 4 },
  ]);
});
