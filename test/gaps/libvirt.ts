import { echoAt, Probe } from '../support/gap-probe.ts';
import { publicAddress } from '../support/lab.ts';
import { LibvirtHost } from '../support/libvirt-host.ts';
import { networkXml } from '../support/libvirt-xml.ts';

/*
 * The same at what libvirt itself does, with the libvirtd of this machine in a sandbox, and no watcher: its hooks call. The guest has
 * no system to boot; behind its bridge a namespace answers at its address.
 */

const guest = {
  name: 'web',
  mac: '52:54:00:aa:cc:01',
  address: '192.168.122.41',
  boots: false,
  uuid: '5d65dd2d-a07f-499f-8574-af3eaf14a5cc',
};

const events: readonly (readonly [event: string, happen: (host: LibvirtHost) => unknown])[] = [
  ['libvirtd reloads (SIGHUP)', (host) => host.reloadLibvirtd()],
  ['libvirtd ends and starts', (host) => restart(host, 'TERM')],
  ['libvirtd is killed and starts', (host) => restart(host, 'KILL')],
  [
    'another network starts and is destroyed',
    async (host) => {
      host.define('net-define', networkXml('third', 124, []));
      host.virsh('net-start', 'third');
      host.virsh('net-destroy', 'third');
    },
  ],
  [
    'FORWARD is flushed, and libvirtd restarts right after',
    (host) => {
      host.sandbox.sh('iptables -F FORWARD');
      return restart(host, 'TERM');
    },
  ],
  [
    'the link of its interface goes down and up',
    (host) => {
      for (const state of ['down', 'up']) host.virsh('domif-setlink', 'web', guest.mac, state);
    },
  ],
  [
    'its interface is updated (virsh update-device)',
    (host) => {
      const filter = '<filterref filter="clean-traffic"/>';
      for (const inside of [filter, '']) {
        host.sandbox.write(
          '/tmp/interface.xml',
          `<interface type='network'><mac address='${guest.mac}'/><source network='default'/><model type='virtio'/><rom enabled='no'/>${inside}</interface>`,
        );
        host.virsh('update-device', 'web', '/tmp/interface.xml', '--live');
      }
    },
  ],
  [
    'another address is reserved for it, and libvirtd restarts',
    (host) => {
      const entry = `<host mac='${guest.mac}' ip='192.168.122.60'/>`;
      host.virsh('net-update', 'default', 'modify', 'ip-dhcp-host', entry, '--live', '--config');
      return restart(host, 'TERM');
    },
  ],
  [
    'it stops, is renamed and starts',
    (host) => {
      host.virsh(
        'net-update',
        'default',
        'modify',
        'ip-dhcp-host',
        `<host mac='${guest.mac}' ip='${guest.address}'/>`,
        '--live',
        '--config',
      );
      host.virsh('destroy', 'web');
      host.virsh('domrename', 'web', 'shop');
      host.virsh('start', 'shop');
    },
  ],
];

/** The guest has no system that would ask for it. */
function lease(host: LibvirtHost): void {
  const entry = {
    'ip-address': guest.address,
    'mac-address': guest.mac,
    'expiry-time': Math.floor(Date.now() / 1000) + 3600,
  };
  host.sandbox.write('/var/lib/libvirt/dnsmasq/virbr122.status', JSON.stringify([entry]));
}

async function restart(host: LibvirtHost, signal: 'TERM' | 'KILL'): Promise<void> {
  await host.stopLibvirtd(signal);
  await host.startLibvirtd();
}

/** @returns the longest gap at each event, in milliseconds */
export async function measureLibvirt(): Promise<Map<string, number>> {
  const host = await LibvirtHost.create({ guests: [guest] });
  host.sandbox.sh(`
    ip netns add answerer
    ip link add answer type veth peer name eth0 netns answerer
    ip link set answer master virbr122 up
    ip -n answerer link set lo up; ip -n answerer link set eth0 up
    ip -n answerer addr add ${guest.address}/24 dev eth0; ip -n answerer route add default via 192.168.122.1
  `);
  host.guestgate('install');
  host.configure(`[guest."${guest.uuid}"]\nforward = ["7777:7/udp"]\n`);
  await restart(host, 'TERM');
  host.virsh('start', 'web');
  lease(host);
  echoAt(host.sandbox, 'answerer', 7);
  const probe = new Probe(host.sandbox, publicAddress, 7777, 5);
  const gaps = new Map<string, number>();
  for (const [event, happen] of events) {
    await probe.untilOpen();
    await probe.look('anew');
    await happen(host);
    gaps.set(event, (await probe.untilOpen()).gap);
  }
  probe.end();
  await host.destroy();
  return gaps;
}
