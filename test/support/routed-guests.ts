import type { Lab } from './lab.ts';

/*
 * Guests whose addresses the host routes to them, as with rented addresses: a port of the guest's own without a bridge
 * (libvirt's type='ethernet'), or a bridge of the administrator's.
 *
 *   client 198.51.100.2 --- host --- tap51 --- routed 203.0.113.51, 2001:db8:7::51
 *                                --- br0 (no address) --- tap61 --- bridged 203.0.113.61, 2001:db8:7::61
 */

export interface RoutedGuest {
  readonly name: string;
  /** Its namespace. */
  readonly space: string;
  readonly tap: string;
  readonly mac: string;
  readonly address: string;
  readonly address6: string;
  /** Undefined: its port is routed. */
  readonly bridge?: string;
  /** The addresses that its XML gives it. */
  readonly described?: readonly string[];
}

export function routedGuest(name: string, number: number, bridge?: string): RoutedGuest {
  return {
    name,
    space: `space${number}`,
    tap: `tap${number}`,
    mac: `52:54:00:dd:00:${number}`,
    address: `203.0.113.${number}`,
    address6: `2001:db8:7::${number}`,
    ...(bridge !== undefined && { bridge }),
  };
}

/** Makes the guest, which answers, with the host's 198.51.100.1 and fe80::1 as its gateways. */
export function putRoutedGuest(lab: Lab, { space, tap, mac, address, address6, bridge }: RoutedGuest): void {
  const port = bridge ?? tap;
  const made =
    bridge === undefined
      ? ''
      : `[ -e /proc/sys/net/ipv4/conf/${bridge} ] || ip link add ${bridge} type bridge`;
  lab.host.sh(`
    ${made}
    ip netns add ${space}; ip netns exec ${space} sh -c 'echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad'
    ip link add ${tap} type veth peer name eth0 netns ${space}
    ${bridge === undefined ? '' : `ip link set ${tap} master ${bridge}`}
    ip link set ${tap} up; ip link set ${port} up
    ip addr replace fe80::1/64 dev ${port} nodad
    ip route add ${address}/32 dev ${port}; ip route add ${address6}/128 dev ${port}
    ip -n ${space} link set lo up; ip -n ${space} link set eth0 address ${mac}; ip -n ${space} link set eth0 up
    ip -n ${space} addr add ${address}/32 dev eth0; ip -n ${space} addr add ${address6}/128 dev eth0 nodad
    ip -n ${space} route add 198.51.100.1 dev eth0; ip -n ${space} route add default via 198.51.100.1
    ip -n ${space} route add default via fe80::1 dev eth0`);
  lab.serve(space, `hello from ${space}`);
}

/** What libvirt does when the guest starts. @returns what the hook wrote to stderr */
export function startRouted(lab: Lab, guest: RoutedGuest): string {
  const xml = domainOf(guest);
  lab.host.write(
    `/run/libvirt/qemu/${guest.name}.xml`,
    `<domstatus state='running' pid='1'>\n${xml}</domstatus>\n`,
  );
  return call(lab, guest, 'started', 'begin', xml);
}

export function stopRouted(lab: Lab, guest: RoutedGuest): void {
  lab.host.sh(`rm -f /run/libvirt/qemu/${guest.name}.xml`);
  for (const operation of ['stopped', 'release']) call(lab, guest, operation, 'end', domainOf(guest));
}

function call(lab: Lab, { name }: RoutedGuest, operation: string, suffix: string, input: string): string {
  const args = [name, operation, suffix, '-'];
  const ran = lab.host.run('/etc/libvirt/hooks/qemu', args, { input, mayFail: true });
  if (ran.status !== 0 || ran.stdout !== '') throw new Error(`${operation}: ${JSON.stringify(ran)}`);
  return ran.stderr;
}

function domainOf({ name, tap, mac, bridge, described = [] }: RoutedGuest): string {
  const kind =
    bridge === undefined ? ["type='ethernet'", ''] : ["type='bridge'", `<source bridge='${bridge}'/>`];
  return `<domain type='qemu' id='4'>
  <name>${name}</name>
  <devices>
    <interface ${kind[0]}>
      <mac address='${mac}'/>${kind[1]}${described.map((one) => `<ip address='${one}'/>`).join('')}
      <target dev='${tap}'/>
    </interface>
  </devices>
</domain>
`;
}
