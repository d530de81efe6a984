import { expect, test } from 'vitest';
import { describeForward, readForwards } from '../../../src/policy/forward-list.ts';
import { parseForward } from '../../../src/policy/forward-syntax.ts';
import { reading } from './problems.ts';

const read = (value: string | readonly unknown[] | undefined) =>
  reading((place, problems) => readForwards(value, place, problems));

test('texts and tables of one list, in their order', () => {
  const { value, told } = read([
    '8443:443',
    {
      port: 53,
      protocol: 'tcp+udp',
      to: '5353',
      host: '203.0.113.9',
      from: '198.51.100.0/24',
      rate: '10/second',
      nic: 2,
    },
  ]);
  expect(told).toEqual([]);
  const common = {
    host: '203.0.113.9',
    ports: { first: 53, last: 53 },
    to: 5353,
    from: ['198.51.100.0/24'],
    rate: { connections: 10, per: 'second' },
    interfaceChoice: { nic: 2 },
  };
  expect(value).toEqual([
    { host: 'any', protocol: 'tcp', ports: { first: 8443, last: 8443 }, to: 443, text: '8443:443' },
    { ...common, protocol: 'tcp', text: '203.0.113.9:53:5353/tcp' },
    { ...common, protocol: 'udp', text: '203.0.113.9:53:5353/udp' },
  ]);
});

test.each<[unknown, string]>([
  [{ to: 443 }, 'forward.0: port is missing'],
  [{ prot: 80 }, 'forward.0.prot: unknown key "prot"'],
  [
    { port: 80, mac: '52:54:00:aa:bb:01', nic: 1 },
    'forward.0.nic: mac and nic choose the interface (keep one of them)',
  ],
  [
    { port: 80, host: '2001:db8::1', loopback: true },
    'forward.0.loopback: loopback: the forward has an IPv6 address',
  ],
  [{ port: 80, connections: 0 }, 'forward.0.connections: connections: invalid number "0"'],
  [80, 'forward.0: must be a forward like "8443:443"'],
  [['80'], 'forward.0: must be a forward like "8443:443"'],
  ['80:81:82:83', 'forward.0: forward: '],
  [{ port: 'x' }, 'forward.0: forward: '],
])('the mistake in %j is reported at its place', (entry, message) => {
  const { told } = read([entry]);
  expect(
    told.filter((line) => line.startsWith(message)),
    told.join('\n'),
  ).toHaveLength(1);
});

test('a mistake in one entry leaves the others', () => {
  expect(read(['x', '80']).value?.map(({ text }) => text)).toEqual(['80']);
});

test('no key is another thing than an empty list', () => {
  expect([read(undefined).value, read([]).value]).toEqual([undefined, []]);
});

test.each([
  '80:80/tcp',
  '8443:443/tcp',
  '203.0.113.9:53:5353/udp',
  '[2001:db8::1]:60000-60010:1000-1010/sctp',
])('%s is described as it is written', (text) => {
  const parsed = parseForward(text);
  expect(Array.isArray(parsed) && parsed.map(describeForward)).toEqual([text]);
});
