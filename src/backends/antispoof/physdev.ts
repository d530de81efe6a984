import { type Family, familyOf } from '../../model/address.ts';
import type { AntispoofElement } from '../../model/antispoof.ts';
import { names } from '../names.ts';
import { allowed } from './entries.ts';

/*
 * While bridged frames pass iptables (net.bridge.bridge-nf-call-iptables, and -ip6tables), a FORWARD that drops cuts
 * guests off their own neighbours. These are the accepts that Xen's own script would put there, without what it leaves
 * open: all that may come *from* ports is decided before anything *to* a port is accepted, so that a spoofed packet
 * does not pass with the accept of the guest that it is sent to.
 */

/**
 * The rules of our chain for guests' bridged ports, in one family, as iptables-save writes them and
 * iptables-restore reads them. `physdev` matches nothing while bridged frames do not pass iptables; see
 * iptables-extensions(8).
 */
export function renderPhysdev(ports: readonly AntispoofElement[], family: Family): string[] {
  const bridged = ports.filter(({ way }) => way === 'bridged');
  return [
    ...bridged.filter(({ sources }) => sources !== undefined).flatMap((one) => fromChecked(one, family)),
    ...bridged
      .filter(({ sources }) => sources === undefined)
      .map(({ port }) => rule('', `--physdev-in ${port}`, '', 'ACCEPT')),
    ...bridged.map(({ port }) => rule('', `--physdev-out ${port}`, '', 'ACCEPT')),
  ];
}

/** ARP does not come by here. */
function fromChecked(element: AntispoofElement, family: Family): string[] {
  const from = `--physdev-in ${element.port}`;
  const own = allowed(element).filter((network) => familyOf(network) === family);
  return [
    ...fromServers(from, family),
    // iptables-save shows no source that is everything.
    ...own.map((network) => rule(/\/0$/.test(network) ? '' : `-s ${network} `, from, '', 'ACCEPT')),
    ...(family === 'ip' ? dhcp(from) : discovery(from, own.length > 0)),
    rule('', from, '', 'DROP'),
  ];
}

/** What only servers and routers send, from whichever address. */
function fromServers(from: string, family: Family): string[] {
  if (family === 'ip') return [rule('-p udp ', from, ' -m udp --sport 67 --dport 68', 'DROP')];
  return [
    rule('-p udp ', from, ' -m udp --sport 547 --dport 546', 'DROP'),
    ...[134, 137].map((type) => rule('-p ipv6-icmp ', from, ` -m icmp6 --icmpv6-type ${type}`, 'DROP')),
  ];
}

/** A client that has no address yet. */
function dhcp(from: string): string[] {
  const ports = ' -m udp --sport 68 --dport 67';
  return [rule('-s 0.0.0.0/32 -d 255.255.255.255/32 -p udp ', from, ports, 'ACCEPT')];
}

/** A guest that asks whether its address is free, and tells which multicast it listens to. */
function discovery(from: string, hasAddress: boolean): string[] {
  if (!hasAddress) return [];
  return [135, 143].map((type) =>
    rule('-s ::/128 -p ipv6-icmp ', from, ` -m icmp6 --icmpv6-type ${type}`, 'ACCEPT'),
  );
}

function rule(packet: string, port: string, more: string, verdict: 'ACCEPT' | 'DROP'): string {
  return `-A ${names.vifChain} ${packet}-m physdev ${port} --physdev-is-bridged${more} -j ${verdict}`;
}
