# shellcheck shell=bash
# What Xen's vif scripts begin with: vif-bridge, vif-route, vif-nat and vif-openvswitch source it unchanged. It replaces
# Xen's own file of this name, sets the same variables and has the same functions, but leaves rules to
# guestgate. xl-network-configuration(5) describes an interface in a guest's configuration.
# `guestgate uninstall` puts Xen's file back.
# shellcheck disable=SC2034,SC2154

guestgate_vif_common=1

dir=$(dirname "$0")
# shellcheck source=/dev/null
. "$dir/xen-hotplug-common.sh"
# shellcheck source=/dev/null
. "$dir/xen-network-common.sh"
# shellcheck source=xen-scripts/guestgate.sh
. "$dir/guestgate.sh"

# evalVariables NAME=VALUE...
#
# Sets the variables that vif scripts know. A value is a text and nothing else, whatever is in it, and no other variable
# can be set from outside.
evalVariables() {
	local arg name
	for arg in "$@"; do
		name=${arg%%=*}
		case $arg in
		type_if=* | bridge=* | ip=* | mac=* | netdev=* | gatewaydev=* | dhcp=* | script=*)
			printf -v "$name" '%s' "${arg#*=}"
			;;
		*=*) log warning "ignored: ${name:0:40}=, which no vif script knows" ;;
		esac
	done
}

# rename_vif FROM TO
#
# An interface of that name may be another guest's, which must not lose it.
rename_vif() {
	if ip link show dev "$2" >/dev/null 2>&1; then
		fatal "$1 cannot be called $2: there is an interface of that name already (vifname=)"
	fi
	do_or_die ip link set dev "$1" name "$2"
}

# handle_iptable
#
# An interface that comes is handed over where the script has set it up. One that goes has been handed over below, before
# anything could fail: its interface is gone by then.
handle_iptable() {
	case $command in
	online | add) guestgate_vif ;;
	esac
}

# frob_iptable [MATCH...]
#
# An administrator's own script may ask for a single accept. guestgate adds all rules of the interface, or none.
frob_iptable() {
	handle_iptable
}

# iptables_w ARGUMENT...
iptables_w() {
	iptables -w "$@"
}

# ip_of INTERFACE
#
# Prints its first address of IPv4, or nothing.
ip_of() {
	ip -4 -o addr show primary dev "$1" | sed -n 's,^.* inet \([0-9.]*\).*,\1,p' | head -n 1
}

# dom0_ip
#
# Prints the address of the interface that routed guests leave by: netdev=, by default eth0.
dom0_ip() {
	local address
	address=$(ip_of "${netdev:-eth0}")
	if [ -z "$address" ]; then
		fatal "${netdev:-eth0} has no address: bring it up, or name another interface with netdev="
	fi
	echo "$address"
}

findCommand "$@"

case ${command:-} in
online | offline | add | remove) ;;
*)
	log err "Invalid command: ${command:-none}"
	exit 1
	;;
esac

evalVariables "$@"

# Xens of old do not say which.
: "${type_if:=vif}"

# An interface's own port comes and goes with online and offline, that of its emulated twin with add and remove.
case $type_if.$command in
vif.online | vif.offline)
	dev=${vif:?}
	: "${XENBUS_PATH:?}"
	suffix=''
	;;
tap.add | tap.remove)
	dev=${INTERFACE:?}
	# vif1.0-emu
	suffix=-emu
	interface=${dev#vif}
	interface=${interface%-emu}
	XENBUS_PATH=/local/domain/0/backend/vif/${interface%.*}/${interface#*.}
	;;
vif.* | tap.*) exit 0 ;;
*)
	log err "unknown interface type $type_if"
	exit 1
	;;
esac

vifname=$(xenstore_read_default "$XENBUS_PATH/vifname" "")
if [ -n "$vifname" ]; then
	case $command in
	online | add) rename_vif "$dev" "$vifname$suffix" ;;
	esac
	dev=$vifname$suffix
fi

# The addresses that its guest may send from, separated by blanks; none: any.
ip=$(xenstore_read_default "$XENBUS_PATH/ip" "${ip:-}")

case $command in
offline | remove) guestgate_vif ;;
esac
