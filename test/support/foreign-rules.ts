import type { Lab } from './lab.ts';
import { readRepository } from './repository.ts';

/*
 * The rules that libvirt makes for its NAT network "default", as it left them in the kernel: recorded from
 * libvirt 9.0.0 (iptables) and 11.3.0 (nftables).
 */

export interface ForeignRules {
  readonly name: string;
  /** Loads them, as a start of the network does. */
  readonly load: (lab: Lab) => void;
  /** Makes them anew, as a restart of libvirtd does after something was lost: its jumps come first again. */
  readonly reload: (lab: Lab) => void;
  /** The chain that our accept must stand first in, a line a rule. */
  readonly forward: (lab: Lab) => string[];
  readonly headRule: RegExp;
  /** The program that shows an administrator these rules. */
  readonly list: readonly [string, ...string[]];
}

export const libvirtRules: readonly ForeignRules[] = [iptables('nft'), iptables('legacy'), nftables()];

/** The same of a network with IPv6, in that family. */
export const libvirtRules6: readonly ForeignRules[] = [
  iptables('nft', 'ip6tables'),
  iptables('legacy', 'ip6tables'),
  nftables('ip6'),
];

function iptables(variant: 'nft' | 'legacy', iptables: 'iptables' | 'ip6tables' = 'iptables'): ForeignRules {
  const text = readRepository(`test/lab/rules/libvirt-${iptables}.txt`);
  const jumps = ['LIBVIRT_FWO', 'LIBVIRT_FWI', 'LIBVIRT_FWX'].map(
    (chain) => `${iptables}-${variant} -D FORWARD -j ${chain}; ${iptables}-${variant} -I FORWARD -j ${chain}`,
  );
  return {
    name: `${iptables} (${variant})`,
    load: (lab) => void lab.host.run(`${iptables}-${variant}-restore`, ['--noflush'], { input: text }),
    reload: (lab) => void lab.host.sh(jumps.join('\n')),
    forward: (lab) => lab.host.sh(`${iptables}-${variant} -S FORWARD | grep ^-A`).trim().split('\n'),
    headRule: /^-A FORWARD -j GUESTGATE-FORWARD$/,
    list: [`${iptables}-${variant}`, '-L', '-n'],
  };
}

function nftables(family: 'ip' | 'ip6' = 'ip'): ForeignRules {
  const input = readRepository(`test/lab/rules/libvirt-nftables${family === 'ip6' ? '-ipv6' : ''}.nft`);
  const load = (lab: Lab) => void lab.host.run('nft', ['-f', '-'], { input });
  return {
    name: family === 'ip' ? 'nftables' : 'nftables (IPv6)',
    load,
    reload: (lab) => {
      lab.host.sh('nft delete table ip libvirt_network; nft delete table ip6 libvirt_network');
      load(lab);
    },
    forward: (lab) => {
      const lines = lab.host.sh(`nft -s list chain ${family} libvirt_network forward`).split('\n');
      return lines
        .map((line) => line.trim())
        .filter((line) => /\b(accept|jump)\b/.test(line) && !line.startsWith('type'));
    },
    headRule: /^ct mark & 0x10000000 == 0x10000000 .*accept comment "guestgate"$/,
    list: ['nft', 'list', 'ruleset'],
  };
}
