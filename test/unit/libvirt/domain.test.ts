import { describe, expect, test } from 'vitest';
import { parseDomain } from '../../../src/libvirt/domain.ts';
import { parsePlainXml } from '../../../src/libvirt/plain-xml.ts';
import { UserError } from '../../../src/model/problem.ts';
import { childrenOf } from '../../../src/model/xml.ts';
import { fixture } from '../fixtures.ts';

const uuid = '11111111-2222-3333-4444-555555555555';

describe.each([
  ['9.0.0', 'vnet3'],
  ['11.3.0', 'vnet0'],
])('the XML of libvirt %s', (version, tap) => {
  test.each(['start-begin', 'started-begin', 'reconnect-begin'])(
    'at %s has port, bridge and tap',
    async (operation) => {
      const { guest } = await parseDomain(
        'qemu',
        fixture(`libvirt-${version}/qemu-tiny-${operation}.xml`),
        'tiny',
      );
      expect(guest).toEqual({
        driver: 'qemu',
        name: 'tiny',
        uuid,
        nics: [
          {
            mac: '52:54:00:aa:bb:01',
            network: 'default',
            portId: expect.stringMatching(/^[\da-f]{8}-[\da-f-]{27}$/),
            bridge: 'virbr0',
            tap: expect.stringMatching(/^vnet\d+$/),
            addresses: [],
          },
        ],
      });
      if (operation === 'started-begin') expect(guest.nics[0]?.tap).toBe(tap);
    },
  );

  test.each(['prepare-begin', 'stopped-end', 'release-end'])('at %s has none of them', async (operation) => {
    const { guest } = await parseDomain(
      'qemu',
      fixture(`libvirt-${version}/qemu-tiny-${operation}.xml`),
      'tiny',
    );
    expect(guest).toEqual({
      driver: 'qemu',
      name: 'tiny',
      uuid,
      nics: [{ mac: '52:54:00:aa:bb:01', network: 'default', addresses: [] }],
    });
  });
});

test('a status file gives the same guest as the hook got', async () => {
  const { guest } = await parseDomain('qemu', fixture('libvirt-9.0.0/files/status-tiny.xml'));
  expect(guest).toMatchObject({ driver: 'qemu', name: 'tiny', uuid });
  expect(guest.nics).toEqual([
    {
      mac: '52:54:00:aa:bb:01',
      network: 'default',
      portId: 'de831c28-7064-4a97-94b8-4240e6e001bb',
      bridge: 'virbr0',
      tap: 'vnet3',
      addresses: [],
    },
  ]);
});

describe("the XML of libvirt's LXC driver", () => {
  const nic = { mac: '52:54:00:aa:bb:01', network: 'default', addresses: ['192.168.122.41'] };
  const plugged = {
    ...nic,
    portId: '6335d169-36b9-4b6b-b710-499f38fc6e48',
    bridge: 'virbr122',
    tap: 'vnet0',
  };
  // Unlike a virtual machine's, it tells of the bridge at `stopped` still, and at `start` not yet.
  test.each([
    ['lxc-web-prepare-begin', nic],
    ['lxc-web-start-begin', nic],
    ['lxc-web-started-begin', plugged],
    ['lxc-web-reconnect-begin', plugged],
    ['lxc-web-stopped-end', plugged],
    ['lxc-web-release-end', nic],
    ['files/status-lxc-web', plugged],
  ])('%s tells the address that the container was given', async (file, nic) => {
    const { guest } = await parseDomain('lxc', fixture(`libvirt-9.0.0/${file}.xml`), 'web');
    expect(guest).toEqual({
      driver: 'lxc',
      name: 'web',
      uuid: '5d65dd2d-a07f-499f-8574-af3eaf14a50b',
      nics: [nic],
    });
  });
});

test('what libvirt calls the guest counts, not what its XML says', async () => {
  const { guest } = await parseDomain('lxc', '<domain><name>one</name></domain>', 'other');
  expect(guest).toEqual({ driver: 'lxc', name: 'other', nics: [] });
});

test('addresses in the XML: of LXC and libxl, and of nwfilter', async () => {
  const xml = `<domain><name>c</name><devices>
    <interface type='bridge'><mac address='52:54:00:AA:BB:0C'/><source bridge='br0'/>
      <ip address='192.168.1.5' family='ipv4' prefix='24'/><ip address='2001:DB8::5'/><ip address='nonsense'/><ip/></interface>
    <interface type='network'><source network='n'/>
      <filterref filter='clean-traffic'><parameter name='IP' value='10.0.0.7'/><parameter name='MAC' value='x'/><parameter name='IP' value='y'/></filterref></interface>
  </devices></domain>`;
  const { guest } = await parseDomain('lxc', xml);
  expect(guest.nics).toEqual([
    { mac: '52:54:00:aa:bb:0c', bridge: 'br0', addresses: ['192.168.1.5', '2001:db8::5'] },
    { network: 'n', addresses: ['10.0.0.7'] },
  ]);
});

test('metadata of others is not ours', async () => {
  const { metadata } = await parseDomain('qemu', fixture('libvirt-11.3.0/qemu-tiny-started-begin.xml'));
  expect(childrenOf(metadata, 'urn:guestgate:1')).toEqual([]);
});

test('metadata of ours is found by its namespace, whatever the prefix', async () => {
  for (const [prefix, attribute] of [
    ['gg:', ':gg'],
    ['', ''],
    ['x.y-z:', ':x.y-z'],
  ]) {
    const xml = `<domain><name>a</name><metadata><${prefix}guest xmlns${attribute}="urn:guestgate:1"/></metadata></domain>`;
    const { metadata } = await parseDomain('qemu', xml);
    expect(childrenOf(metadata, 'urn:guestgate:1').map(({ name }) => name)).toEqual(['guest']);
  }
});

test('elements and attributes named like parts of every object are read like others', async () => {
  const xml = `<domain __proto__="1" constructor="2"><name>a</name><__proto__><name>b</name></__proto__><constructor/><_>text</_>
    <devices><interface><mac address="m" __proto__="x"/><hasOwnProperty/></interface></devices></domain>`;
  const { guest } = await parseDomain('qemu', xml);
  expect(guest).toEqual({ driver: 'qemu', name: 'a', nics: [{ mac: 'm', addresses: [] }] });
  expect(({} as Record<string, unknown>)['name']).toBeUndefined();
});

test.each([
  '',
  ' ',
  'x',
  '<domain',
  '<domain>',
  '<domain></domains>',
  '<a/>',
  '<domain>&x;</domain>',
  '<domain a=1/>',
  '<domain><name>a</name>',
  '<domain>a & b</domain>',
  '<domain><x:y/></domain>',
  '<domain><a></b></domain>',
])('%j is refused as the user’s mistake', async (xml) => {
  await expect(parseDomain('qemu', xml, 'web')).rejects.toThrow(UserError);
  await expect(parseDomain('qemu', xml, 'web')).rejects.toThrow(/^reading the domain XML of guest "web": /);
});

/* Found by npm run corpora: the reader of libvirt's own XML took these, and read something. */
test.each([
  ['a prefix that is declared nowhere', "<domain id:='1'><name>web</name></domain>"],
  ['an attribute that begins with a digit', "<domain 1id='1'><name>web</name></domain>"],
  ['a space that is none in XML', "<domain\ufeff id='1'><name>web</name></domain>"],
])('%s is left to the parser', (_, xml) => {
  expect(parsePlainXml(xml, 'metadata')).toBeUndefined();
});

test('both readers of XML find the same in what libvirt writes', async () => {
  for (const path of [
    'libvirt-9.0.0/qemu-tiny-started-begin.xml',
    'libvirt-11.3.0/qemu-tiny-prepare-begin.xml',
    'libvirt-9.0.0/files/status-tiny.xml',
  ]) {
    const text = fixture(path);
    // A word that only the full parser's documents have: it must read this one then.
    const plain = await parseDomain('qemu', text);
    const full = await parseDomain(
      'qemu',
      text.replace('<metadata>', '<metadata><gg:guest xmlns:gg="urn:guestgate:1"/>'),
    );
    expect(full.guest).toEqual(plain.guest);
  }
});

test.each([
  ["<interface type='user'/>", 'user'],
  ["<interface type='network'><actual type='direct'/></interface>", 'direct'],
  ["<interface type='bridge'><virtualport type='openvswitch'/></interface>", 'openvswitch'],
  ["<interface type='bridge'/>", undefined],
  ["<interface type='ethernet'/>", undefined],
])('%s is seen by the rules of the host, or not', async (xml, unseen) => {
  const { guest } = await parseDomain('qemu', `<domain><devices>${xml}</devices></domain>`, 'web');
  expect(guest.nics[0]?.unseen).toBe(unseen);
});
