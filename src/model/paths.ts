/** Every file and folder outside our own tree that guestgate reads or writes. */
export const paths = {
  /** The administrator's configuration: `guestgate.toml` and `guests.d/*.toml`. */
  configuration: '/etc/guestgate',
  /** Records, claims and the lock. On a tmpfs: gone at reboot, as the kernel's rules are. */
  state: '/run/guestgate',
  /** What survives a reboot: what was installed, and the configuration as it was last applied. Only root may read it. */
  kept: '/var/lib/guestgate',
  /** Live domains (`<driver>/NAME.xml`) and live networks (`network/NAME.xml`). */
  libvirtRun: '/run/libvirt',
  /** Persistent definitions of domains (`<driver>/NAME.xml`). */
  libvirtDomains: '/etc/libvirt',
  /** Persistent network definitions with their DHCP reservations. */
  libvirtNetworks: '/etc/libvirt/qemu/networks',
  /** dnsmasq's host files and leases, by network and by bridge. */
  dnsmasq: '/var/lib/libvirt/dnsmasq',
  /** The leases of a dnsmasq that is not libvirt's, as Debian's and Fedora's packages have it. */
  hostLeases: ['/var/lib/misc/dnsmasq.leases', '/var/lib/dnsmasq/dnsmasq.leases'],
  /** The hooks that libvirt calls. */
  libvirtHooks: '/etc/libvirt/hooks',
  /** The scripts that Xen runs for each network interface, and the hooks that they source. */
  xenScripts: '/etc/xen/scripts',
  /** The guests of Linux-VServer, a folder for each, as util-vserver has them. */
  vservers: '/etc/vservers',
  /** The installed program. In /usr/bin: libvirtd's AppArmor profile lets programs there run. */
  program: '/usr/bin/guestgate',
} as const;
