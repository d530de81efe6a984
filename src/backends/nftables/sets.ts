/**
 * The sets and maps that elements go into. Exact keys in hashes; intervals only for ranges and networks.
 *
 * @param address the type of the family's addresses
 */
export function renderSets(address: string): string {
  return `
	map forward { type ${address} . inet_proto . inet_service : ${address} . inet_service; counter; }
	map forward_any { type inet_proto . inet_service : ${address} . inet_service; counter; }
	map range { type ${address} . inet_proto . inet_service : ${address}; flags interval; counter; }
	map range_any { type inet_proto . inet_service : ${address}; flags interval; counter; }
	map public { type ${address} : ${address}; counter; }
	map shared_nat { type ${address} . ifname : ${address}; }
	map source_nat { type ${address} . ifname : ${address}; }
	map network_nat { type ${address} . ifname : ${address}; flags interval; }
	set routed { type ${address} . ifname . ifname; flags interval; }
	set networks_masqueraded { type ${address} . ifname . ifname; flags interval; }
	set services { type ifname . inet_proto . inet_service; flags interval; }
	set outgoing { type ${address} . ifname; }
	set leaving { type ${address}; }
	set answering { type ${address}; }
	set roaming { type ${address}; }
	set open { type ${address} . inet_proto . inet_service; counter; }
	set open_range { type ${address} . inet_proto . inet_service; flags interval; counter; }
	set filtered { type ${address} . inet_proto . inet_service; flags interval; }
	set filtered_any { type inet_proto . inet_service; flags interval; }
	set filtered_public { type ${address}; }
	set filtered_open { type ${address} . inet_proto . inet_service; flags interval; }
	set sources { type ${address} . ${address} . inet_proto . inet_service; flags interval; }
	set sources_any { type ${address} . inet_proto . inet_service; flags interval; }
	set sources_public { type ${address} . ${address}; flags interval; }
	set sources_open { type ${address} . ${address} . inet_proto . inet_service; flags interval; }
	set denied { type ${address} . ${address}; flags interval; }
	map counted { type ${address} . inet_proto . inet_service : verdict; flags interval; }
	map counted_any { type inet_proto . inet_service : verdict; flags interval; }
	map counted_open { type ${address} . inet_proto . inet_service : verdict; flags interval; }
	map rated { type ${address} . inet_proto . inet_service : limit; flags interval; }
	map rated_any { type inet_proto . inet_service : limit; flags interval; }
	map rated_open { type ${address} . inet_proto . inet_service : limit; flags interval; }
	set masqueraded { type ${address} . inet_proto . inet_service . ${address}; flags interval; }
	set masqueraded_any { type inet_proto . inet_service . ${address}; flags interval; }
	set masqueraded_public { type ${address} . ${address}; }
	set hairpin { type ifname . ifname; }
	set inner { type ifname; }
	set gateways { type ${address}; }
	set restricted { type fib_addrtype; }
	set outside { type ifname; }
	set absent { type ${address}; }
`;
}
