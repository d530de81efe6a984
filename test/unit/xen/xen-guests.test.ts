import { describe, expect, test } from 'vitest';
import { parseIp, parseXenDomains, parseXenInterfaces, xenGuest } from '../../../src/xen/xen-guests.ts';
import { parseXenstoreListing, unescapeXenstore } from '../../../src/xen/xenstore-listing.ts';
import { fixture } from '../fixtures.ts';

/** As xenstore-ls -f prints an interface's nodes. */
function nic(path: string, nodes: Readonly<Record<string, string>>): string {
  return Object.entries(nodes)
    .map(([name, value]) => `backend/vif/${path}/${name} = "${value}"\n`)
    .join('');
}

describe("a domain's interfaces", () => {
  test('as Xen 4.17 has them', () => {
    expect(parseXenInterfaces(fixture('xen-4.17/backend-vif.txt'))).toEqual([
      {
        domain: 1,
        script: 'vif-bridge',
        nic: {
          tap: 'vif1.0',
          mac: '00:16:3e:6f:f0:47',
          bridge: 'xenbr0',
          addresses: ['10.99.0.2'],
          vif: { way: 'bridged', emulated: false, sources: ['10.99.0.2/32'] },
        },
      },
    ]);
  });

  test('in the order of their numbers, which is not that of the store', () => {
    const listing = nic('2/10', { mac: '' }) + nic('2/9', { mac: '' }) + nic('1/0', { mac: '' });
    expect(parseXenInterfaces(listing).map(({ nic }) => nic.tap)).toEqual(['vif1.0', 'vif2.9', 'vif2.10']);
  });

  test.each([
    ['vif-bridge', 'bridged'],
    ['vif-guestgate', 'bridged'],
    ['my-own-script', 'bridged'],
    ['vif-route', 'routed'],
    ['vif-nat', 'routed'],
    ['vif-openvswitch', 'switched'],
  ])('%s makes an interface %s', (script, way) => {
    const [found] = parseXenInterfaces(
      nic('1/0', { script: `/etc/xen/scripts/${script}`, bridge: 'xenbr0' }),
    );
    expect(found?.nic.vif.way).toBe(way);
    expect(found?.nic.bridge).toBe(way === 'bridged' ? 'xenbr0' : undefined);
  });

  test('an HVM guest has an emulated one beside each; a vifname is what the port is called', () => {
    const [found] = parseXenInterfaces(
      nic('3/1', { type: 'vif_ioemu', vifname: 'web0', mac: '00:16:3E:00:00:0A' }),
    );
    expect(found?.nic).toMatchObject({ tap: 'web0', mac: '00:16:3e:00:00:0a', vif: { emulated: true } });
  });

  test('vif-nat makes up an address where none is given', () => {
    const nat = { script: '/etc/xen/scripts/vif-nat' };
    expect(parseXenInterfaces(nic('260/1', nat))[0]?.nic.addresses).toEqual(['10.1.4.2']);
    expect(parseXenInterfaces(nic('260/1', { ...nat, ip: '10.5.5.5' }))[0]?.nic.addresses).toEqual([
      '10.5.5.5',
    ]);
  });

  test('what is not an interface is ignored', () => {
    const strange =
      'backend/vif/1/x/mac = "a"\nbackend/vbd/1/0/mac = "b"\nbackend/vif/1 = ""\nxenstore-ls: oops\n';
    expect(parseXenInterfaces(strange)).toEqual([]);
  });
});

describe('ip=', () => {
  test('addresses and networks of both families', () => {
    expect(parseIp(' 10.99.0.2 10.99.1.0/24  2001:DB8::5 fd00::/64')).toEqual({
      addresses: ['10.99.0.2', '2001:db8::5'],
      sources: ['10.99.1.0/24', 'fd00::/64', '10.99.0.2/32', '2001:db8::5/128'].sort(byLength),
    });
  });

  test('an address with a length behind it is the address, not its network', () => {
    expect(parseIp('10.0.1.1/16')).toEqual({ addresses: ['10.0.1.1'], sources: ['10.0.1.1/32'] });
  });

  test('an invalid entry is reported, and the rest counts; an empty list restricts nothing', () => {
    expect(parseIp('www.example.com 10.99.0.2 10.0.0.0/33')).toEqual({
      addresses: ['10.99.0.2'],
      sources: ['10.99.0.2/32'],
      strange: ['www.example.com', '10.0.0.0/33'],
    });
    expect(parseIp('nonsense')).toEqual({ addresses: [], sources: [], strange: ['nonsense'] });
    expect(parseIp('')).toEqual({ addresses: [] });
  });
});

function byLength(a: string, b: string): number {
  return Number(a.split('/')[1]) - Number(b.split('/')[1]);
}

describe('a domain as a guest', () => {
  test('its UUID is the end of its node', () => {
    const vm = '/vm/1170A5FF-d3e0-4947-80b2-fe607a805242';
    expect(xenGuest('u1', vm, [], new Set())).toEqual({
      driver: 'libxl',
      name: 'u1',
      uuid: '1170a5ff-d3e0-4947-80b2-fe607a805242',
      nics: [],
    });
  });

  test.each([
    ['web--incoming', 'web'],
    ['web--migratedaway', 'web--migratedaway'],
    ['--incoming-', '--incoming-'],
    ['--incoming', '--incoming'],
  ])('%s is called %s', (name, called) => {
    const others = new Set([name, 'mail']);
    expect(xenGuest(name, '', [], others)).toEqual({ driver: 'libxl', name: called, nics: [] });
  });

  test('one that arrives is not the running guest of its name, nor where it is unknown who runs', () => {
    const arriving = { name: 'web--incoming', arrivingAs: 'web' };
    expect(xenGuest('web--incoming', '', [], new Set(['web--incoming', 'web']))).toMatchObject(arriving);
    expect(xenGuest('web--incoming', '', [], undefined)).toMatchObject(arriving);
    const nodes = ['/local/domain/3/name = "web--incoming"', '/local/domain/4/name = "mail--incoming"'];
    const listing = [...nodes, '/local/domain/5/name = "web"'].join('\n');
    expect(parseXenDomains(listing).map(({ name }) => name)).toEqual(['web--incoming', 'mail', 'web']);
  });

  test('those that run have a name in xenstore; domain 0 is none, and one that ends has none any more', () => {
    const uuid = '1170a5ff-d3e0-4947-80b2-fe607a805242';
    const nodes = [
      ['0/name', 'Domain-0'],
      ['3/name', 'web'],
      ['3/vm', `/vm/${uuid}`],
      ['3/device/vif/0/name', 'no domain'],
      ['4/vm', '/vm/none'],
      ['12/name', 'shop'],
    ].map(([path, value]) => `/local/domain/${path} = "${value}"   (n0)\n`);
    expect(parseXenDomains(nodes.join(''))).toEqual([
      { driver: 'libxl', name: 'web', uuid, nics: [] },
      { driver: 'libxl', name: 'shop', nics: [] },
    ]);
  });
});

describe("xenstore's texts", () => {
  test.each([
    ['plain', 'plain'],
    [String.raw`a\\b`, String.raw`a\b`],
    [String.raw`tab\there`, 'tab\there'],
    [String.raw`\xc3\xbc`, 'ü'],
    [String.raw`\303\274`, 'ü'],
    ['with "quotes"', 'with "quotes"'],
    [String.raw`\z`, String.raw`\z`],
  ])('%s', (written, meant) => {
    expect(unescapeXenstore(written)).toBe(meant);
  });

  test('a line is a node; permissions behind it do not matter', () => {
    expect([...parseXenstoreListing('a/b = "c = "d""   (n0,r1)\na = ""\nno node\n')]).toEqual([
      ['a/b', 'c = "d"'],
      ['a', ''],
    ]);
  });
});
