import { expect, test } from 'vitest';
import { macOfDuid } from '../../../src/libvirt/duid.ts';
import { parseHostsFile, parseLeases } from '../../../src/libvirt/leases.ts';
import { fixture } from '../fixtures.ts';

test('the leases that libvirt wrote', () => {
  expect(parseLeases(fixture('libvirt-9.0.0/files/virbr0.status'))).toEqual([
    {
      mac: '52:54:00:aa:bb:01',
      address: '192.168.122.55',
      expires: 1795340009,
      client: '01:52:54:00:aa:bb:01',
    },
    {
      mac: '52:54:00:aa:bb:02',
      address: '192.168.122.50',
      expires: 1795340010,
      client: '01:52:54:00:aa:bb:02',
    },
  ]);
  expect(parseLeases(fixture('libvirt-9.0.0/files/virbr1.status'))).toEqual([]);
});

test.each([
  '',
  '[',
  '[{',
  'null',
  '5',
  '"x"',
  '{}',
  '[null, 5, "x", [], {}]',
  '[{"ip-address":"x","mac-address":"y"}]',
  '[{"ip-address":"1.2.3.4"}]',
  '[{"ip-address":"1.2.3.4","mac-address":5}]',
  '[{"ip-address":{"toString":1},"mac-address":"y"}]',
])('%j holds no leases', (text) => expect(parseLeases(text)).toEqual([]));

test('a lease without an end, and one in capitals', () => {
  expect(parseLeases('[{"ip-address":"1.2.3.4","mac-address":"AA:BB:CC:DD:EE:FF","expiry-time":0}]')).toEqual(
    [{ mac: 'aa:bb:cc:dd:ee:ff', address: '1.2.3.4' }],
  );
});

test('a client of IPv6 has a lease for each number that it asks with', () => {
  const text = `[{"iaid":"1","ip-address":"2001:db8::5","mac-address":"52:54:00:aa:bb:01","client-id":"00:03:00:01:52:54:00:AA:BB:01"},
    {"iaid":"2","ip-address":"2001:db8::6","mac-address":"52:54:00:aa:bb:01","client-id":"00:03:00:01:52:54:00:aa:bb:01"}]`;
  expect(parseLeases(text).map(({ client }) => client)).toEqual([
    '00:03:00:01:52:54:00:aa:bb:01/1',
    '00:03:00:01:52:54:00:aa:bb:01/2',
  ]);
});

test('a lease of IPv6, by the interface or by the client’s identifier', () => {
  const text = `[{"ip-address":"2001:db8::5","mac-address":"52:54:00:aa:bb:01","client-id":"00:04:01"},
    {"ip-address":"2001:db8::6","client-id":"00:01:00:01:2c:11:22:33:52:54:00:aa:bb:02","expiry-time":5},
    {"ip-address":"2001:db8::7","client-id":"00:04:01:02"}]`;
  expect(parseLeases(text)).toEqual([
    { mac: '52:54:00:aa:bb:01', address: '2001:db8::5', client: '00:04:01' },
    {
      mac: '52:54:00:aa:bb:02',
      address: '2001:db8::6',
      expires: 5,
      client: '00:01:00:01:2c:11:22:33:52:54:00:aa:bb:02',
    },
  ]);
});

test('the host files that libvirt wrote, and others', () => {
  expect(parseHostsFile(fixture('libvirt-9.0.0/files/default.hostsfile'))).toEqual([
    { mac: '52:54:00:aa:bb:02', name: 'resvm', address: '192.168.122.50' },
    { mac: '52:54:00:aa:bb:03', name: 'third', address: '192.168.122.51' },
  ]);
  expect(parseHostsFile('AA:BB:CC:DD:EE:FF,[2001:db8::5],x,infinite\nid:*,10.0.0.1\n\n,,,\nx')).toEqual([
    { mac: 'aa:bb:cc:dd:ee:ff', name: 'x', address: '2001:db8::5' },
  ]);
  const lines = [
    'id:0:3:0:1:52:54:0:aa:bb:1,web,[2001:db8::1]',
    'id:00:01:00:01:2c:11:22:33:52:54:00:aa:bb:02,[2001:db8::2]',
    'id:0:4:1:2:3:4:5:6:7:8:9:a:b:c,[2001:db8::3],mail',
    'dns,[2001:db8::4]',
    'id:0:4:1:2,[2001:db8::5]',
    '52:54:00:aa:bb:03,set:red,192.168.122.5,12h',
    'db,192.168.122.6',
  ];
  expect(parseHostsFile(lines.join('\n'))).toEqual([
    { mac: '52:54:00:aa:bb:01', name: 'web', address: '2001:db8::1' },
    { mac: '52:54:00:aa:bb:02', address: '2001:db8::2' },
    { name: 'mail', address: '2001:db8::3' },
    { name: 'dns', address: '2001:db8::4' },
    { mac: '52:54:00:aa:bb:03', address: '192.168.122.5' },
    { name: 'db', address: '192.168.122.6' },
  ]);
});

test.each([
  ['0:3:0:1:52:54:0:aa:bb:1', '52:54:00:aa:bb:01'],
  ['00:01:00:01:2C:11:22:33:52:54:00:AA:BB:02', '52:54:00:aa:bb:02'],
  ['00:03:00:06:52:54:00:aa:bb:01', undefined],
  ['00:04:00:01:52:54:00:aa:bb:01', undefined],
  ['00:01:00:01:52:54:00:aa:bb:01', undefined],
  ['00:03:00:01:52:54:00:aa:bb', undefined],
  ['52:54:00:aa:bb:01', undefined],
  ['*', undefined],
])('the MAC address in the identifier %s', (duid, mac) => expect(macOfDuid(duid)).toBe(mac));
