/** IANA's numbers of protocols (/etc/protocols), by the names that nft, iptables and conntrack(8) print. */
export const protocolNumbers: Readonly<Record<string, number>> = {
  icmp: 1,
  tcp: 6,
  udp: 17,
  'ipv6-icmp': 58,
  sctp: 132,
};
