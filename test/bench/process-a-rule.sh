#!/bin/sh
# The way users do it today: one iptables process a rule, as the widespread hook scripts do. Per guest three chains,
# and for each forward a DNAT, a SNAT, a MASQUERADE and an ACCEPT. Usage: process-a-rule.sh start|stop GUEST ADDRESS PORT...
set -eu
action=$1 guest=$2 address=$3
shift 3
if [ "$action" = stop ]; then
	iptables -w -t nat -D PREROUTING -j "DNAT-$guest"
	iptables -w -t nat -D POSTROUTING -j "SNAT-$guest"
	iptables -w -D FORWARD -j "FWD-$guest"
	for chain in "nat DNAT-$guest" "nat SNAT-$guest" "filter FWD-$guest"; do
		# shellcheck disable=SC2086  # table and chain
		set -- $chain
		iptables -w -t "$1" -F "$2"
		iptables -w -t "$1" -X "$2"
	done
	exit 0
fi
iptables -w -t nat -N "DNAT-$guest"
iptables -w -t nat -N "SNAT-$guest"
iptables -w -N "FWD-$guest"
for port in "$@"; do
	iptables -w -t nat -A "DNAT-$guest" -d 198.51.100.1 -p tcp --dport "$port" -j DNAT --to "$address:80"
	iptables -w -t nat -A "SNAT-$guest" -s "$address" -d "$address" -p tcp --dport 80 -j MASQUERADE
	iptables -w -t nat -A "SNAT-$guest" -s "$address" -p tcp --sport 80 -j SNAT --to 198.51.100.1
	iptables -w -A "FWD-$guest" -d "$address" -p tcp --dport 80 -j ACCEPT
done
iptables -w -t nat -I PREROUTING -j "DNAT-$guest"
iptables -w -t nat -I POSTROUTING -j "SNAT-$guest"
iptables -w -I FORWARD -j "FWD-$guest"
