import { type Family, familyOf } from '../model/address.ts';
import type { VifElement } from '../model/vif.ts';
import { names } from './names.ts';
import { allowed } from './nftables/vif-entries.ts';

/*
 * While bridged frames pass iptables (net.bridge.bridge-nf-call-iptables, and -ip6tables), a FORWARD that drops cuts
 * guests off their own neighbours. These are the accepts that Xen's own script would put there, with what it leaves
 * open closed: all that may come *from* ports is decided before anything *to* a port is accepted, so that a spoofed
 * packet does not pass by the accept of the guest it is meant for.
 */

/**
 * The rules of our chain for guests' bridged ports, in one family, as iptables-save writes them and
 * iptables-restore reads them. `physdev` matches nothing while bridged frames do not pass iptables; see
 * iptables-extensions(8).
 */
export function renderPhysdev(vifs: readonly VifElement[], family: Family): string[] {
  const bridged = vifs.filter(({ way }) => way === 'bridged');
  return [
    ...bridged.filter(({ sources }) => sources !== undefined).flatMap((vif) => fromChecked(vif, family)),
    ...bridged
      .filter(({ sources }) => sources === undefined)
      .map(({ port }) => rule('', `--physdev-in ${port}`, '', 'ACCEPT')),
    ...bridged.map(({ port }) => rule('', `--physdev-out ${port}`, '', 'ACCEPT')),
  ];
}

/** ARP does not come by here. */
function fromChecked(vif: VifElement, family: Family): string[] {
  const from = `--physdev-in ${vif.port}`;
  const own = allowed(vif).filter((network) => familyOf(network) === family);
  return [
    // iptables-save shows no source that is everything.
    ...own.map((network) => rule(/\/0$/.test(network) ? '' : `-s ${network} `, from, '', 'ACCEPT')),
    ...(family === 'ip' ? dhcp(from) : discovery(from, own.length > 0)),
    rule('', from, '', 'DROP'),
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
