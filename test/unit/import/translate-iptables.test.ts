import { parse } from 'smol-toml';
import { expect, test } from 'vitest';
import { renderGuest } from '../../../src/import/render-guest.ts';
import { importIptables } from '../../../src/import/translate-iptables.ts';

const guests = new Map([
  ['192.168.122.41', 'web'],
  ['fd00:122::41', 'web'],
  ['192.168.122.42', 'web'],
]);
const dnat = (port: number, to: string, more = '') =>
  `-A PREROUTING ${more}-p tcp -m tcp --dport ${port} -j DNAT --to-destination ${to}`;
const translated = (...rules: string[]) => importIptables(['*nat', ...rules].join('\n'), 'rules.v4', guests);

test('the rules of a guest become one policy', () => {
  const { guests: found, warnings } = translated(
    dnat(8080, '192.168.122.41:80'),
    dnat(22, '192.168.122.41', '-s 198.51.100.0/24 '),
    '-A PREROUTING -d 203.0.113.12/32 -j DNAT --to-destination 192.168.122.41',
    '-A POSTROUTING -s 192.168.122.41/32 -j SNAT --to-source 203.0.113.12',
    '-A POSTROUTING -s 192.168.122.41/32 -j SNAT --to-source 203.0.113.13',
  );
  expect(warnings).toEqual([]);
  expect(found).toHaveLength(1);
  expect(found.map((guest) => parse(renderGuest(guest)))).toEqual([
    {
      guest: {
        web: {
          address: '192.168.122.41',
          forward: ['8080:80', { port: '22', from: ['198.51.100.0/24'] }],
          public_address: '203.0.113.12',
          snat: '203.0.113.13',
        },
      },
    },
  ]);
});

test('what has no guest, a second address, or a port that an earlier rule has is a warning with its line', () => {
  const { warnings } = translated(
    dnat(80, '192.168.122.41'),
    dnat(80, '192.168.122.41'),
    dnat(80, '192.168.122.41:8080'),
    dnat(81, '192.168.122.42'),
    dnat(82, '192.168.122.99'),
    '-A PREROUTING -p tcp -j DNAT --to-destination 192.168.122.41',
  );
  expect(warnings.map(({ where, problem }) => `${where}: ${problem}`)).toEqual([
    'rules.v4:6: not translated: no guest has the address 192.168.122.99',
    'rules.v4:7: not translated: -A PREROUTING -p tcp -j DNAT --to-destination 192.168.122.41',
    'rules.v4:4: not translated: 80:8080 has a port of 80, which comes first',
    'rules.v4:5: not translated: a guest has one address of each family, and this one has 192.168.122.41',
  ]);
});
