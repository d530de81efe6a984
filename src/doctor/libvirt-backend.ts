import { readText } from '../system/files.ts';
import { tryListing } from '../system/listing.ts';
import { tryRun } from '../system/run.ts';
import type { Check, HostFinding } from './check.ts';

const file = '/etc/libvirt/network.conf';

/**
 * libvirt makes its rules with iptables or with nftables (network.conf, firewall_backend, since 10.4). After a switch the
 * rules of the other kind stay and still reject packets.
 *
 * @param forward `iptables -S FORWARD`
 * @param nft whether there is a table `libvirt_network`
 */
export function judgeLibvirtBackend(configuration: string, forward: string, nft: boolean): HostFinding[] {
  const jumps = forward.match(/(?<=^-A )FORWARD -j LIBVIRT_FW\w$/gm) ?? [];
  if (!nft || jumps.length === 0) return [];
  const nftables = /^\s*firewall_backend\s*=\s*"nftables"/m.test(configuration);
  return [
    {
      severity: 'later',
      subject: 'libvirt',
      problem: `it has rules in iptables and in nftables: those in ${nftables ? 'iptables' : 'nftables'} are left over from another firewall_backend (${file}), and reject packets of the guests' networks`,
      fix: nftables
        ? jumps.map((jump) => `iptables -D ${jump}`).join('; ')
        : 'nft delete table ip libvirt_network; nft delete table ip6 libvirt_network',
    },
  ];
}

export const libvirtBackend: Check = () =>
  judgeLibvirtBackend(
    readText(file) ?? '',
    tryListing({ program: 'iptables', args: ['-w', '3', '-S', 'FORWARD'] }) ?? '',
    tryRun({ program: 'nft', args: ['list', 'chains', 'ip'] })?.includes('table ip libvirt_network') === true,
  );
