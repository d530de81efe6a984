import type { Driver } from '../support/libvirt-daemon.ts';
import type { Flavour } from '../support/libvirt-flavour.ts';
import { type LibvirtHost, qemu } from '../support/libvirt-host.ts';
import type { TestGuest } from '../support/libvirt-xml.ts';
import { unpackedPackages } from '../support/unpacked-packages.ts';

/** libvirt's QEMU driver with a disk that it can put snapshots into, and qemu-img, which it looks for when it starts. */
export function qemuWithDisk(file: string, { suite }: Flavour): Driver {
  const packages = ['qemu-utils'];
  const qemuImg =
    suite === undefined ? { name: 'qemu-img', packages } : { name: `qemu-img-${suite}`, packages, suite };
  const prepare: Driver['prepare'] = (sandbox) => {
    sandbox.addPackages(unpackedPackages(qemuImg));
    sandbox.run('qemu-img', ['create', '-f', 'qcow2', file, '64M']);
  };
  return { ...qemu, prepare };
}

/** Writes what `virsh update-device` is to make of the guest's interface to /tmp/interface.xml. */
export function describeInterface(
  host: LibvirtHost,
  { mac }: Pick<TestGuest, 'mac'>,
  network: string,
  inside = '',
): void {
  host.sandbox.write(
    '/tmp/interface.xml',
    `<interface type='network'><mac address='${mac}'/><source network='${network}'/><model type='virtio'/>${inside}</interface>`,
  );
}

/** The guest's cable is pulled and put back: its system asks for an address again. */
export function interruptedLink(host: LibvirtHost, { name, mac }: Pick<TestGuest, 'name' | 'mac'>): void {
  host.virsh('domif-setlink', name, mac, 'down');
  host.virsh('domif-setlink', name, mac, 'up');
}

/** The hooks that libvirt calls at a guest's end, and at its start. */
export const stopCalls = ['qemu web stopped', 'network default port-deleted', 'qemu web release'];
export const startCalls = [
  'qemu web prepare',
  'network default port-created',
  'qemu web start',
  'qemu web started',
];
