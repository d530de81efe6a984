/** What a test's domains and networks are defined by. */

export interface TestGuest {
  readonly name: string;
  readonly mac: string;
  /** The address that is reserved for it. */
  readonly address?: string;
  /** The address that its XML gives it, which libvirt does for containers alone. */
  readonly inXml?: string;
  /** What stands in its <metadata>. */
  readonly metadata?: string;
  /** Whether it has a system to run: guests that only start and stop need none. */
  readonly boots?: boolean;
  /** The network of its interface; `default` unless said otherwise. */
  readonly network?: string;
  /** Its UUID, if a test needs to know it before libvirt has the guest. */
  readonly uuid?: string;
  /** A qcow2 file, for snapshots; the guest's system does not use it. */
  readonly disk?: string;
}

export const bootFolder = '/var/lib/libvirt/boot';

export function consoleOf(name: string): string {
  return `/var/log/libvirt/qemu/${name}.console`;
}

/** A guest with one network interface, run without hardware help. One without a system is not to boot from the network. */
export function domainXml({
  name,
  mac,
  metadata = '',
  boots = true,
  network = 'default',
  uuid,
  disk,
}: TestGuest): string {
  const system = `
    <kernel>${bootFolder}/vmlinuz</kernel>
    <initrd>${bootFolder}/ramdisk</initrd>
    <cmdline>console=ttyS0 quiet panic=-1 guest=${name}</cmdline>`;
  return `<domain type='qemu'>
  <name>${name}</name>${uuid === undefined ? '' : `\n  <uuid>${uuid}</uuid>`}
  <metadata>${metadata}</metadata>
  <memory unit='MiB'>${boots ? 128 : 16}</memory>
  <os><type arch='x86_64' machine='pc'>hvm</type>${boots ? system : ''}</os>
  <features><acpi/></features>
  <devices>
    <interface type='network'>
      <mac address='${mac}'/>
      <source network='${network}'/>
      <model type='virtio'/>${boots ? '' : "\n      <rom enabled='no'/>"}
    </interface>
    <serial type='file'><source path='${consoleOf(name)}'/></serial>${disk === undefined ? '' : diskXml(disk)}
    <memballoon model='none'/>
  </devices>
</domain>
`;
}

function diskXml(file: string): string {
  return `
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='${file}'/>
      <target dev='vda' bus='virtio'/>
    </disk>`;
}

/** How a network of libvirt's is joined to the world outside; `isolated`: not at all. */
export type ForwardMode = 'nat' | 'route' | 'open' | 'isolated';

/** A network. Without spanning tree and delay, or a new port would be deaf for seconds. */
export function networkXml(
  name: string,
  number: number,
  guests: readonly TestGuest[],
  mode: ForwardMode = 'nat',
): string {
  const hosts = guests.flatMap(({ mac, address }) =>
    address === undefined ? [] : [`<host mac='${mac}' ip='${address}'/>`],
  );
  const prefix = `192.168.${number}`;
  return `<network>
  <name>${name}</name>
${mode === 'isolated' ? '' : `  <forward mode='${mode}'/>\n`}  <bridge name='virbr${number}' stp='off' delay='0'/>
  <ip address='${prefix}.1' netmask='255.255.255.0'>
    <dhcp><range start='${prefix}.200' end='${prefix}.254'/>${hosts.join('')}</dhcp>
  </ip>
</network>
`;
}
