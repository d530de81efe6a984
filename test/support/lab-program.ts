import { repositoryPath } from './repository.ts';
import { isThorough } from './thoroughness.ts';

/** What the rules of a lab are made with. */
export const backends = ['nftables', 'iptables-nft', 'iptables-legacy'] as const;
/**
 * The back ends of labs that take long: iptables-legacy, whose rules are those of iptables-nft, only in a thorough run.
 */
export const mainBackends = isThorough ? backends : backends.slice(0, 2);
/**
 * Of labs in which the back end makes little difference (addresses and leases, tables beside any back end, what the contract
 * shows of each): nftables alone, but in a thorough run.
 */
export const firstBackends = isThorough ? backends : backends.slice(0, 1);
/** Likewise, with iptables-nft alone: half of the labs of one back end are labs of this one. */
export const secondBackends = isThorough ? backends : backends.slice(1, 2);
export type LabBackend = (typeof backends)[number];

/** A link for each hook. The program itself is big, and not copied. */
export const installScript = `
rm -f /usr/bin/guestgate.mjs
mkdir -p /etc/libvirt/hooks; for h in qemu lxc libxl network daemon; do ln -s /usr/bin/guestgate /etc/libvirt/hooks/$h; done`;

/** The program and its hooks as they were before an uninstall. A second name keeps it: it is big, and copied once. */
export const reinstallScript = `
kept=/usr/bin/.guestgate; [ -e $kept ] || cp '${repositoryPath('dist/guestgate')}' $kept
rm -rf /etc/libvirt/hooks; ln -f $kept /usr/bin/guestgate
${installScript}`;

/** The host's `iptables` becomes that of a back end; the older tables are there from then on, as on a host that has them. */
export function backendScript(backend: LabBackend): string {
  if (backend === 'nftables') return 'true';
  const variant = backend.slice('iptables-'.length);
  const links = `for p in iptables ip6tables; do for s in "" -restore -save; do ln -sf /usr/sbin/$p-${variant}$s /usr/sbin/$p$s; done; done`;
  const tables =
    'for t in filter mangle nat; do iptables-legacy -t $t -L -n; ip6tables-legacy -t $t -L -n; done';
  return `${links}; ${variant === 'legacy' ? `(${tables}) >/dev/null` : 'true'}`;
}

/** A configuration that asks for a back end in its `[host]`; without one, as it is. */
export function withBackend(toml: string, backend: LabBackend | undefined): string {
  if (backend === undefined) return toml;
  const host = toml.includes('[host]\n') ? toml : `[host]\n${toml}`;
  return host.replace('[host]\n', `[host]\nbackend = "${backend.replace(/-.*/, '')}"\n`);
}
