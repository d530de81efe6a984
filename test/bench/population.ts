import type { Lab } from '../support/lab.ts';
import { publicAddress } from '../support/lab.ts';

export const forwardsEach = 10;

const bigNetwork = `<networkstatus><network>
  <name>big</name><uuid>6f70a93a-d33f-4f38-bce0-9dc095ca3e5b</uuid>
  <forward mode='nat'/>
  <bridge name='virbr9' stp='on' delay='0'/>
  <ip address='10.64.0.1' netmask='255.192.0.0'/>
</network></networkstatus>
`;

/** The ports of the host that the guest of this number takes. */
export function portsOf(number: number): number[] {
  return Array.from({ length: forwardsEach }, (_, index) => 10_000 + number * forwardsEach + index);
}

function addressOf(number: number): string {
  return `10.${64 + Math.floor(number / 62_500)}.${Math.floor(number / 250) % 250}.${2 + (number % 250)}`;
}

/** What libvirt hands to a hook for the guest of this number. */
export function domainXml(number: number, name = `g${number}`): string {
  const hex = number
    .toString(16)
    .padStart(6, '0')
    .replaceAll(/(..)(?=.)/g, '$1:');
  return `<domain type='kvm' id='${number + 1}'>
  <name>${name}</name>
  <uuid>00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}</uuid>
  <memory unit='KiB'>131072</memory>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type='file' device='disk'><source file='/var/lib/libvirt/images/${name}.qcow2'/><target dev='vda' bus='virtio'/></disk>
    <interface type='network'>
      <mac address='52:54:00:${hex}'/>
      <source network='big' portid='de831c28-7064-4a97-94b8-4240e6e001bb' bridge='virbr9'/>
      <target dev='vnet${number}'/>
      <model type='virtio'/>
    </interface>
  </devices>
</domain>
`;
}

export function policyToml(number: number, name = `g${number}`): string {
  const forwards = portsOf(number).map((port) => `"${publicAddress}:${port}:80"`);
  return `[guest.${name}]\naddress = "${addressOf(number)}"\nforward = [${forwards.join(', ')}]\n`;
}

/** Configures this many guests, and lets them run as far as files tell. Nothing is loaded yet. */
export function populate(lab: Lab, count: number): void {
  const files: Record<string, string> = { '/run/libvirt/network/big.xml': bigNetwork };
  for (let number = 0; number < count; number++) {
    files[`/etc/guestgate/guests.d/g${number}.toml`] = policyToml(number);
    files[`/run/libvirt/qemu/g${number}.xml`] =
      `<domstatus state='running'>\n${domainXml(number)}</domstatus>\n`;
  }
  lab.host.sh(
    'rm -rf /etc/guestgate/guests.d /run/libvirt/qemu; mkdir -p /etc/guestgate/guests.d /run/libvirt/qemu',
  );
  lab.host.sh(
    'ip link show virbr9 2>/dev/null || { ip link add virbr9 type bridge; ip addr add 10.64.0.1/10 dev virbr9; ip link set virbr9 up; }',
  );
  const script = `const files = JSON.parse(require('fs').readFileSync(0, 'utf8')); for (const path in files) require('fs').writeFileSync(path, files[path])`;
  lab.host.run(process.execPath.includes('bun') ? 'node' : process.execPath, ['-e', script], {
    input: JSON.stringify(files),
  });
}
