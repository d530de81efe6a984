import { expect, test } from 'vitest';
import {
  networkByBridge,
  networkByName,
  parseDefinition,
  surroundingsOf,
} from '../../../src/desired/nic-surroundings.ts';
import type { LibvirtNetwork } from '../../../src/libvirt/network.ts';

const xml = `<network><name>dmz</name><bridge name='virbr1'/><ip address='192.168.150.1' netmask='255.255.255.0'/></network>`;
const network = async (more = ''): Promise<LibvirtNetwork> =>
  (await parseDefinition({ path: 'x.xml', text: xml.replace('</ip>', more) })) as LibvirtNetwork;
const sources = (found?: LibvirtNetwork) => ({
  byName: async () => ({ ...(found && { network: found }), files: ['/by-name.xml'] }),
  byBridge: async () => ({ ...(found && { network: found }), files: ['/by-bridge.xml'] }),
  hosts: () => undefined,
  leases: (bridge: string) => ({ path: `/leases/${bridge}` }),
  isOwn: () => true,
  routes: () => [],
});

test('a definition that cannot be read tells no more than one that is not there', async () => {
  expect(await parseDefinition({ path: 'x.xml' })).toBeUndefined();
  expect(await parseDefinition({ path: 'x.xml', text: '<network>' })).toBeUndefined();
  expect(await parseDefinition({ path: 'x.xml', text: xml })).toMatchObject({
    name: 'dmz',
    bridge: 'virbr1',
  });
});

test('an interface on a network has the network’s bridge, whose leases are its own', async () => {
  const found = await surroundingsOf({ network: 'dmz', addresses: [] }, sources(await network()));
  expect(found.nic.bridge).toBe('virbr1');
  expect(found.leases?.path).toBe('/leases/virbr1');
  expect(found.networkFiles).toEqual(['/by-name.xml']);
});

test('one that names only its bridge may be on a libvirt network all the same', async () => {
  const found = await surroundingsOf({ bridge: 'virbr1', addresses: [] }, sources(await network()));
  expect(found.network?.name).toBe('dmz');
  expect(found.networkFiles).toEqual(['/by-bridge.xml']);
});

test('one on neither has no leases, and no file was looked for', async () => {
  const found = await surroundingsOf({ addresses: [] }, sources());
  expect(found).not.toHaveProperty('leases');
  expect(found.networkFiles).toEqual([]);
});

test('addresses of the host are asked for only where libvirt gives the network none', async () => {
  expect(
    await surroundingsOf({ network: 'dmz', addresses: [] }, sources(await network())),
  ).not.toHaveProperty('isOwn');
  expect((await surroundingsOf({ bridge: 'br0', addresses: [] }, sources())).isOwn?.('198.51.100.1')).toBe(
    true,
  );
});

test('an address is routed to an interface by its bridge or by its own port', async () => {
  const routes = () => [{ interface: 'vif1.0', network: '10.0.0.2/32', metric: 0 }] as never;
  const routed = async (nic: object) =>
    (await surroundingsOf({ addresses: [], ...nic }, { ...sources(), routes })).isRouted?.('10.0.0.2');
  expect(await routed({ tap: 'vif1.0' })).toBe(true);
  expect(await routed({ bridge: 'br0', tap: 'vif2.0' })).toBe(false);
});

test('the live definition counts, with the reservations of the persistent one behind its own', async () => {
  const found = await network();
  const [live, saved] = [
    { ...found, reservations: [{ address: '192.168.150.5' }] },
    { ...found, bridge: 'virbr9', reservations: [{ address: '192.168.150.6' }] },
  ] as unknown as [LibvirtNetwork, LibvirtNetwork];
  const both = await networkByName('dmz', async ({ path }) => (path.includes('/run/') ? live : saved));
  expect(both.network?.bridge).toBe('virbr1');
  expect(both.network?.reservations.map(({ address }) => address)).toEqual([
    '192.168.150.5',
    '192.168.150.6',
  ]);
  expect(both.files).toHaveLength(2);
});

test('a name that leads to another folder has no files', async () => {
  expect(await networkByName('../qemu/web', async () => network())).toEqual({ files: [] });
});

test('a bridge is searched in the networks that run', async () => {
  const read = async ({ path }: { path: string }) => (path.endsWith('/dmz.xml') ? network() : undefined);
  expect((await networkByBridge('virbr1', ['default', 'dmz'], read)).files).toEqual([
    '/run/libvirt/network/dmz.xml',
  ]);
  expect(await networkByBridge('virbr2', ['default', 'dmz'], read)).toEqual({ files: [] });
});
