import { readFileSync } from 'node:fs';
import { giveControlGroups } from './cgroups.ts';
import type { Driver } from './libvirt-daemon.ts';
import type { TestGuest } from './libvirt-xml.ts';
import type { Sandbox } from './sandbox.ts';
import { unpackedPackages } from './unpacked-packages.ts';

const init = readFileSync(new URL('../libvirt/guest/container-init', import.meta.url), 'utf8');

/** The root of a container's files, on the host. */
function rootOf(name: string): string {
  return `/var/lib/libvirt/images/${name}`;
}

/** libvirt's LXC driver, for containers of busybox. */
export class ContainerDriver implements Driver {
  readonly uri = 'lxc:///system';
  private readonly names: readonly string[];
  private removeGroups = () => {};

  constructor(guests: readonly TestGuest[]) {
    this.names = guests.map(({ name }) => name);
  }

  prepare = (sandbox: Sandbox): void => {
    sandbox.addPackages(unpackedPackages({ name: 'libvirt-lxc', packages: ['libvirt-daemon-driver-lxc'] }));
    this.removeGroups = giveControlGroups(sandbox, '/usr/sbin/libvirtd');
    sandbox.sh(`echo 'security_driver = "none"' >>/etc/libvirt/lxc.conf`);
    for (const root of this.names.map(rootOf)) {
      sandbox.sh(
        `mkdir -p ${root}/bin ${root}/proc ${root}/sys ${root}/dev; cp /usr/bin/busybox ${root}/bin`,
      );
      sandbox.write(`${root}/init`, init);
      sandbox.sh(`chmod +x ${root}/init`);
    }
  };

  /** A container with an address of its own in its XML has it set by libvirt; others ask for theirs. */
  domainXml = ({
    name,
    mac,
    metadata = '',
    network = 'default',
    inXml,
  }: TestGuest): string => `<domain type='lxc'>
  <name>${name}</name>
  <metadata>${metadata}</metadata>
  <memory unit='MiB'>64</memory>
  <os><type>exe</type><init>/init</init></os>
  <devices>
    <filesystem type='mount'><source dir='${rootOf(name)}'/><target dir='/'/></filesystem>
    <interface type='network'>
      <mac address='${mac}'/>
      <source network='${network}'/>${inXml === undefined ? '' : addressXml(inXml)}
    </interface>
    <console type='pty'/>
  </devices>
</domain>
`;

  /** To be called when the host is gone. */
  removeControlGroups(): void {
    this.removeGroups();
  }
}

function addressXml(address: string): string {
  const gateway = address.replace(/\d+$/, '1');
  return `
      <ip address='${address}' family='ipv4' prefix='24'/>
      <route family='ipv4' address='0.0.0.0' prefix='0' gateway='${gateway}'/>`;
}
