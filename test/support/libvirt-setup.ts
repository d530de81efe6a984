import { client, publicAddress } from './lab-links.ts';
import type { Flavour } from './libvirt-flavour.ts';
import { bootFolder } from './libvirt-xml.ts';

/**
 * libvirt repairs checksums with an action of tc's that not every kernel has, and gives up on the network without it: the
 * guests here do not need it.
 */
const withNftables = `
  echo 'firewall_backend = "nftables"' >>/etc/libvirt/network.conf
  echo 'group = "root"' >>/etc/libvirt/qemu.conf
  echo 'remember_owner = 0' >>/etc/libvirt/qemu.conf
  mv /usr/sbin/tc /usr/sbin/tc.real
  printf '#!/bin/sh\\ncase "$*" in *csum*) exit 0 ;; esac\\nexec tc.real "$@"\\n' >/usr/sbin/tc
  chmod +x /usr/sbin/tc
`;

/** The client, the host's link to it, and libvirt as it runs in a sandbox: as root, without control groups and AppArmor. */
export function setupScript(flavour: Flavour): string {
  return `
ip netns add client
ip link add eth0 type veth peer name eth0 netns client
ip addr add ${publicAddress}/24 dev eth0; ip link set eth0 up
ip -n client link set lo up; ip -n client link set eth0 up; ip -n client addr add ${client}/24 dev eth0
ip route add default via ${client}
mkdir -p /etc/alternatives
for p in iptables ip6tables; do
  ln -sf /usr/sbin/$p-${flavour.iptables} /etc/alternatives/$p
  [ -e /usr/sbin/$p ] || ln -s /etc/alternatives/$p /usr/sbin/$p
done
rm -f /etc/libvirt/qemu/networks/*.xml /etc/libvirt/qemu/networks/autostart/*
{
  echo 'stdio_handler = "file"' # no virtlogd
  echo 'cgroup_controllers = []' # /sys is new, without cgroups
  echo 'security_driver = "none"' # the machine's AppArmor knows nothing of in here
  echo 'user = "root"' # where only root may use /dev/kvm, qemu would be examined anew for every call
} >>/etc/libvirt/qemu.conf
${flavour.rules === 'nftables' ? withNftables : ''}
mkdir -p ${bootFolder} /var/lib/libvirt/images /run/systemd/journal /var/log/libvirt/qemu
`;
}
