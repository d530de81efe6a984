import { expect, test } from 'vitest';
import { parseNetworkXml } from '../../../src/libvirt/network.ts';
import { UserError } from '../../../src/model/problem.ts';
import { fixture } from '../fixtures.ts';

const reservations = [
  { mac: '52:54:00:aa:bb:02', name: 'resvm', address: '192.168.122.50' },
  { mac: '52:54:00:aa:bb:03', name: 'third', address: '192.168.122.51' },
];
const network = {
  name: 'default',
  bridge: 'virbr0',
  gateways: [{ address: '192.168.122.1', network: '192.168.122.0/24' }],
};

test.each(['9.0.0', '11.3.0'])('hook data of libvirt %s: network and port', async (version) => {
  const started = await parseNetworkXml(fixture(`libvirt-${version}/network-default-started-begin.xml`), 'x');
  expect(started.network).toMatchObject(network);
  expect(started.port).toBeUndefined();
  const created = await parseNetworkXml(
    fixture(`libvirt-${version}/network-default-port-created-begin.xml`),
    'x',
  );
  expect(created.port).toEqual({
    owner: { name: 'tiny', uuid: '11111111-2222-3333-4444-555555555555' },
    nic: {
      mac: '52:54:00:aa:bb:01',
      network: 'default',
      portId: expect.stringMatching(/^[\da-f]{8}-[\da-f-]{27}$/),
      bridge: 'virbr0',
      addresses: [],
    },
  });
  const deleted = await parseNetworkXml(
    fixture(`libvirt-${version}/network-default-port-deleted-begin.xml`),
    'x',
  );
  expect(deleted.port?.owner.name).toBe(version === '9.0.0' ? 'resvm' : 'tiny');
  expect(deleted.port?.nic).toMatchObject({ network: 'default', bridge: 'virbr0' });
});

test('the live status of a network, with its reservations', async () => {
  const found = await parseNetworkXml(fixture('libvirt-9.0.0/files/network-default.xml'), 'x');
  expect(found).toEqual({ network: { ...network, reservations } });
});

test.each([
  ["<ip address='10.0.0.1' prefix='8'/>", [{ address: '10.0.0.1', network: '10.0.0.0/8' }]],
  ["<ip address='10.0.0.1' netmask='255.0.255.0'/>", []],
  ["<ip address='10.0.0.1'/>", []],
  ["<ip address='10.0.0.1' prefix='33'/>", []],
  ["<ip address='10.0.0.1' prefix='-1'/>", []],
  [
    "<ip family='ipv6' address='2001:db8::1' prefix='64'/>",
    [{ address: '2001:db8::1', network: '2001:db8::/64' }],
  ],
  ["<ip family='ipv6' address='2001:db8::1'/>", [{ address: '2001:db8::1', network: '2001:db8::/64' }]],
  ["<ip family='ipv6' address='2001:db8::1' prefix='129'/>", []],
  ["<ip address='x' prefix='8'/>", []],
  ['<ip/>', []],
])('gateways of %s', async (ip, gateways) => {
  const found = await parseNetworkXml(`<network><name>n</name>${ip}</network>`, 'x');
  expect(found.network.gateways).toEqual(gateways);
});

test('reservations without an address, or without a MAC address', async () => {
  const hosts = `<host mac='52:54:00:AA:BB:01' ip='10.0.0.5'/><host name='web' ip='10.0.0.6'/><host name='x'/><host ip='y'/>`;
  const found = await parseNetworkXml(
    `<network><name>n</name><ip address='10.0.0.1' prefix='8'><dhcp>${hosts}</dhcp></ip></network>`,
    'x',
  );
  expect(found.network.reservations).toEqual([
    { mac: '52:54:00:aa:bb:01', address: '10.0.0.5' },
    { name: 'web', address: '10.0.0.6' },
  ]);
});

test.each(['', 'x', '<domain/>', '<network>'])('%j is refused as the user’s mistake', async (xml) => {
  await expect(parseNetworkXml(xml, 'the XML')).rejects.toThrow(UserError);
});

test('hook data without a network does not throw anything else', async () => {
  for (const xml of ['<hookData/>', '<hookData><network/><networkport/></hookData>', '<network/>']) {
    await parseNetworkXml(xml, 'x').catch((error) => expect(error).toBeInstanceOf(UserError));
  }
});
