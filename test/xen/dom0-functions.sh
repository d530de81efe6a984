# shellcheck shell=bash
# What the steps in dom0 have in common: each of them sources this.

# create NAME ADDRESS VIF [LINE...]: starts a guest; VIF is the value inside vif = [ ... ]. With flags=-p it stays paused.
create() {
	local name=$1 address=$2 vif=$3
	shift 3
	{
		echo "name = \"$name\""
		echo 'type = "pv"'
		echo 'memory = 96'
		echo 'vcpus = 1'
		echo 'kernel = "/lab/vmlinux"'
		echo 'ramdisk = "/lab/domu.cpio"'
		echo "extra = \"console=hvc0 rdinit=/init mitigations=off cryptomgr.notests rodata=off quiet guest=$name address=$address gateway=10.99.0.1\""
		echo "vif = [ '$vif' ]"
		echo 'on_crash = "destroy"'
		printf '%s\n' "$@"
	} >"/run/$name.cfg"
	xl create ${flags:+"$flags"} "/run/$name.cfg"
}

# eventually SECONDS COMMAND...: until it succeeds.
eventually() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/run/last 2>&1; do
		[ $SECONDS -lt $end ] || {
			echo "not within time: $*"
			cat /run/last
			return 1
		}
		# Time in here passes at no cost when every processor is idle; a program costs a tenth of a second.
		sleep 1
	done
}

# booted NAME [TIMES]: waits until a guest has started; after a reboot, for the second time.
booted() {
	eventually 60 has_booted "$@"
}

# Reads the console, as a request to a guest that does not answer yet costs seconds.
has_booted() {
	[ "$(grep -c "GUEST UP $1" "/var/log/xen/console/guest-$1.log")" -ge "${2:-1}" ]
}

# refute COMMAND...: whether it fails. ("!" in front of a command would not end a script that runs with -e.)
refute() {
	if "$@" >/run/last 2>&1; then
		echo "should have failed: $*"
		cat /run/last
		return 1
	fi
}

# is_ruled WORD: whether any rule holds it.
is_ruled() {
	rules | grep -e "$1"
}

# request ADDRESS PORT PATH [BODY]: what a web server answers, without its header.
request() {
	# shellcheck disable=SC2016
	timeout 10 bash -c '
		exec 3<>"/dev/tcp/$0/$1" || exit 1
		printf "POST %s HTTP/1.0\r\nContent-Length: %d\r\n\r\n%s" "$2" "${#3}" "$3" >&3
		cat <&3' "$1" "$2" "$3" "${4:-}" | tr -d '\r' | sed '1,/^$/d'
}

# in_guest ADDRESS SCRIPT: what a guest's shell says to it.
in_guest() {
	request "$1" 80 /cgi-bin/run "$2"
}

# answers ADDRESS: whether a guest's web server runs what it receives.
answers() {
	in_guest "$1" 'echo here' | grep -qx here
}

# page NAME [PORT]: whether the client outside gets a guest's page by dom0's public address.
page() {
	ip netns exec client bash -c '. /lab/functions.sh; in_guest_of_host "$@"' bash "${2:-8080}" | grep -qx "hello from $1"
}

in_guest_of_host() {
	request 203.0.113.10 "$1" /cgi-bin/run 'cat /www/index.html'
}

# domain_of NAME: its number, or nothing.
domain_of() {
	xl domid "$1" 2>/dev/null || :
}

# rules: every rule of every kind, without counters.
rules() {
	nft -s list ruleset | sed 's/counter packets [0-9]* bytes [0-9]*/counter/'
	if [ -e /proc/net/ip_tables_names ]; then
		while read -r table; do iptables-legacy-save -t "$table" | grep -v '^#'; done </proc/net/ip_tables_names
	fi
}

# log: what Xen's scripts and guestgate said.
log() {
	cat /var/log/xen/xen-hotplug.log
}
