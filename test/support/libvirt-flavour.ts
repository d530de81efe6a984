import { unpackedPackages } from './unpacked-packages.ts';

/** Which libvirt a host has, and by which kind of rules. */
export interface Flavour {
  readonly name: string;
  /** Which of its two kinds libvirt is to find under the name of iptables. */
  readonly iptables: 'nft' | 'legacy';
  readonly rules: 'iptables' | 'nftables';
  /** The release of Debian that it comes from; undefined: the machine's own. */
  readonly suite?: string;
  /** The system that it runs on; undefined: the machine's own. */
  readonly root?: () => string;
}

/** The distribution's libvirt, as its packages are installed here. */
export const installed: Flavour = { name: 'as installed', iptables: 'nft', rules: 'iptables' };

/** Debian 13's libvirt 11.3 on Debian 13, told to make its rules by nftables. */
export const trixie: Flavour = {
  name: "Debian 13's, with its nftables back end",
  iptables: 'nft',
  rules: 'nftables',
  suite: 'trixie',
  root: () =>
    unpackedPackages({
      name: 'trixie',
      suite: 'trixie',
      packages: [
        'libvirt-daemon',
        'libvirt-daemon-driver-qemu',
        'libvirt-daemon-driver-network',
        'libvirt-clients',
        'nftables',
        'iptables',
        'qemu-system-x86',
        'dnsmasq-base',
        'iproute2',
        'socat',
        'busybox-static',
        'base-passwd',
        'procps',
        'conntrack',
        'dash',
        'coreutils',
        'grep',
        'sed',
        'findutils',
        'util-linux',
      ],
    }),
};
