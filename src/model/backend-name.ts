/** iptables' two variants write to different tables of the kernel: each is a back end of its own. */
export type BackendName = 'nftables' | 'iptables-nft' | 'iptables-legacy';
