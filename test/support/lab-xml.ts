import type { GuestNic, LabGuest } from './lab-guest.ts';

/* The XML of libvirt's for what a lab has: what a hook gets on stdin, and the files in /run/libvirt. */

/** A network as libvirt keeps it. */
export const defaultNetworkXml = `<networkstatus><network>
  <name>default</name><uuid>6f70a93a-d33f-4f38-bce0-9dc095ca3e5a</uuid>
  <forward mode='nat'><nat><port start='1024' end='65535'/></nat></forward>
  <bridge name='virbr0' stp='on' delay='0'/>
  <ip address='192.168.122.1' netmask='255.255.255.0'><dhcp><range start='192.168.122.2' end='192.168.122.254'/></dhcp></ip>
</network></networkstatus>
`;

/** The same with IPv6, where addresses are reserved by the clients' identifiers. */
export const bothFamiliesXml = defaultNetworkXml.replace(
  '</network>',
  "  <ip family='ipv6' address='fd00:122::1' prefix='64'><dhcp><host id='0:3:0:1:52:54:0:aa:bb:1' ip='fd00:122::41'/></dhcp></ip>\n</network>",
);

/** The second network, which reserves an address for one interface. */
export function dmzNetworkXml({ mac, address }: Pick<GuestNic, 'mac' | 'address'>): string {
  return `<networkstatus><network>
  <name>dmz</name><uuid>6f70a93a-d33f-4f38-bce0-9dc095ca3e5b</uuid>
  <forward mode='nat'/>
  <bridge name='virbr1' stp='on' delay='0'/>
  <ip address='192.168.150.1' netmask='255.255.255.0'><dhcp><range start='192.168.150.2' end='192.168.150.254'/><host mac='${mac}' ip='${address}'/></dhcp></ip>
</network></networkstatus>
`;
}

/** What libvirt hands to a guest's hook: the tap is known from `start` on. */
export function domainXml(guest: LabGuest, operation: string, metadata = ''): string {
  const live = ['start', 'started', 'reconnect', 'attach'].includes(operation);
  return `<domain type='qemu'${live || operation === 'prepare' ? " id='4'" : ''}>
  <name>${escapeXml(guest.name)}</name>
  <uuid>${guest.uuid}</uuid>
  <metadata>${metadata}</metadata>
  <memory unit='KiB'>131072</memory>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <interface type='network'>
      <mac address='${guest.mac}'/>
      <source network='default'${live ? ` portid='${portIdOf(guest.mac)}' bridge='virbr0'` : ''}/>
      ${live ? `<target dev='${guest.tap}'/>` : ''}
      <model type='virtio'/>
    </interface>${(guest.nics ?? []).map((nic) => dmzNicXml(nic, live)).join('')}
  </devices>
</domain>
`;
}

function dmzNicXml({ mac, tap }: GuestNic, live: boolean): string {
  return `
    <interface type='network'>
      <mac address='${mac}'/>
      <source network='dmz'${live ? ` portid='${portIdOf(mac)}' bridge='virbr1'` : ''}/>
      ${live ? `<target dev='${tap}'/>` : ''}
      <model type='virtio'/>
    </interface>`;
}

/** The status file that libvirt keeps of a guest that runs. */
export function statusXml(guest: LabGuest, metadata = ''): string {
  const domain = domainXml(guest, 'started', metadata).replaceAll(
    / bridge='(virbr\d)'([\s\S]*?)<target dev=/g,
    (_, bridge: string, between: string) =>
      `${between}<actual type='network'><source bridge='${bridge}'/></actual><target dev=`,
  );
  return `<domstatus state='running' reason='booted' pid='1'>\n${domain}</domstatus>\n`;
}

/** The UUID of the network port that an interface gets when its guest starts. */
export function portIdOf(mac: string): string {
  return `de831c28-7064-4a97-94b8-${mac.toLowerCase().replaceAll(':', '')}`;
}

/** What libvirt hands to the network hook for network "default"; `port` for an operation on a port. */
export function networkHookXml(
  port?: { readonly guest: LabGuest; readonly mac?: string; readonly portId?: string },
  network = defaultNetworkXml,
): string {
  const networkPort =
    port &&
    `  <networkport>
    <uuid>${port.portId ?? portIdOf(port.mac ?? port.guest.mac)}</uuid>
    <owner><name>${escapeXml(port.guest.name)}</name><uuid>${port.guest.uuid}</uuid></owner>
    <mac address='${port.mac ?? port.guest.mac}'/>
    <plug type='network' bridge='virbr0'/>
  </networkport>
`;
  return `<hookData>\n${network.replace(/<\/?networkstatus>\n?/g, '')}${networkPort ?? ''}</hookData>`;
}

function escapeXml(text: string): string {
  const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', "'": '&apos;', '"': '&quot;' };
  return text.replaceAll(/[&<>'"]/g, (character) => entities[character as keyof typeof entities]);
}
