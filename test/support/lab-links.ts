import { type GuestNic, type LabGuest, spaceOf } from './lab-guest.ts';

/*
 *   client 198.51.100.2 --- (eth0) host 198.51.100.1, .10, .11 (virbr0) 192.168.122.1 --- guests 192.168.122.x
 *
 * and, if asked for, the same in IPv6: 2001:db8:1::2 --- ::1, ::10, ::11, fd00:122::1 --- fd00:122::x
 */

export const client = '198.51.100.2';
export const publicAddress = '198.51.100.1';
export const secondAddress = '198.51.100.10';
export const thirdAddress = '198.51.100.11';

/** The same in IPv6. */
export const client6 = '2001:db8:1::2';
export const publicAddress6 = '2001:db8:1::1';
export const secondAddress6 = '2001:db8:1::10';
export const thirdAddress6 = '2001:db8:1::11';

/** What makes the client and the host's links. */
export function labScript(ipv6: boolean): string {
  const publicAddresses = [publicAddress, secondAddress, thirdAddress];
  const host = [
    'link add eth0 type veth peer name eth0 netns client',
    ...publicAddresses.map((address) => `addr add ${address}/24 dev eth0`),
    'link set eth0 up',
    `route add default via ${client}`,
    // Its own MAC address, as libvirt gives it one: else it takes its ports' lowest, and guests' neighbour caches are wrong.
    'link add virbr0 address 52:54:00:00:00:01 type bridge',
    'addr add 192.168.122.1/24 dev virbr0',
    'link set virbr0 up',
  ];
  const beyond = [
    'link set lo up',
    'link set eth0 up',
    `addr add ${client}/24 dev eth0`,
    'addr add 198.51.100.3/24 dev eth0',
    `route add default via ${publicAddress}`,
  ];
  if (ipv6) {
    // Nobody leaves with what is deprecated, unless told to.
    host.push(
      `addr add ${publicAddress6}/64 dev eth0 nodad`,
      `addr add ${secondAddress6}/64 dev eth0 nodad preferred_lft 0`,
      `addr add ${thirdAddress6}/64 dev eth0 nodad preferred_lft 0`,
      `route add default via ${client6}`,
      'addr add fd00:122::1/64 dev virbr0 nodad',
    );
    beyond.push(
      `addr add ${client6}/64 dev eth0 nodad`,
      'addr add 2001:db8:1::3/64 dev eth0 nodad preferred_lft 0',
      `route add default via ${publicAddress6}`,
    );
  }
  return `ip netns add client
${ipv6 ? withoutWaiting() + withoutWaiting('client') : ''}
${batch(host)}
${batch(beyond, 'client')}
echo 1 >/proc/sys/net/ipv4/ip_forward
${ipv6 ? 'echo 1 >/proc/sys/net/ipv6/conf/all/forwarding' : ''}`;
}

/** The same for a guest: a namespace behind a port of virbr0, as a tap's guest would be. */
export function guestScript(guest: LabGuest, ipv6: boolean): string {
  const space = spaceOf(guest);
  const host = [
    `link add ${guest.tap} type veth peer name eth0 netns ${space}`,
    `link set ${guest.tap} master virbr0 up`,
  ];
  const inside = [
    'link set lo up',
    `link set eth0 address ${guest.mac}`,
    'link set eth0 up',
    `addr add ${guest.address}/24 dev eth0`,
    'route add default via 192.168.122.1',
  ];
  if (ipv6) inside.push(`addr add ${guest.address6}/64 dev eth0 nodad`, 'route add default via fd00:122::1');
  return `ip netns add ${space}
${ipv6 ? withoutWaiting(space) : ''}
${batch(host)}
${batch(inside, space)}`;
}

/** The same for an interface of a guest's on network "dmz": what comes by it is answered by it. */
export function nicScript(guest: LabGuest, { mac, tap, address }: GuestNic): string {
  const space = spaceOf(guest);
  return `
[ -e /proc/sys/net/ipv4/conf/virbr1 ] || ip link add virbr1 address 52:54:00:00:00:02 type bridge
ip addr replace 192.168.150.1/24 dev virbr1; ip link set virbr1 up
ip link add ${tap} type veth peer name eth1 netns ${space}
ip link set ${tap} master virbr1 up
ip -n ${space} link set eth1 address ${mac}; ip -n ${space} link set eth1 up
ip -n ${space} addr add ${address}/24 dev eth1
ip -n ${space} rule add from ${address} lookup 100
ip -n ${space} route add default via 192.168.150.1 table 100`;
}

/** Links that come up can be asked for their addresses at once: no other machine could have them, and none is asked. */
function withoutWaiting(space?: string): string {
  const enter = space === undefined ? '' : `ip netns exec ${space} `;
  return `${enter}sh -c 'echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad'\n`;
}

/** Several commands of ip(8) in one process. */
function batch(lines: readonly string[], space?: string): string {
  return `ip ${space === undefined ? '' : `-n ${space} `}-batch - <<'END'\n${lines.join('\n')}\nEND`;
}
