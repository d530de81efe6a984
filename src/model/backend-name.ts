/** iptables' two variants write to different tables of the kernel: each is a back end of its own. */
export const backendNames = ['nftables', 'iptables-nft', 'iptables-legacy'] as const;
export type BackendName = (typeof backendNames)[number];
