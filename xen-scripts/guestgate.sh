# shellcheck shell=bash
# Hands a network interface over to guestgate. For vif-common.sh, vif-guestgate and vif-post.d/50-guestgate.hook, which
# source it with `command`, `type_if`, `dev`, `ip` and `XENBUS_PATH` set, as Xen's vif scripts have them.
# shellcheck disable=SC2154

# guestgate_vif
#
# guestgate logs its own failures, and the interface comes up all the same; but exit code 77 means that the
# guest's policy refuses the interface that comes, or that xenstore did not say what it may send from. The stock lock is
# held meanwhile, as other hotplug scripts that change iptables expect.
guestgate_vif() {
	local program=/usr/bin/guestgate status=0 locked=''
	if ! [ -x "$program" ]; then
		log err "$program is not there: $dev gets no rules"
		return 0
	fi
	# claim_lock compares its file with /dev/stdin, and would wait for ever without it.
	if [ -e /dev/stdin ] && claim_lock iptables; then locked=yes; fi
	(
		# Background processes of guestgate must not keep the lock.
		[ -z "$locked" ] || eval "exec $((_lockfd))>&-"
		export XENBUS_PATH
		exec "$program" vif "$command" "type_if=$type_if" "dev=$dev" "ip=$ip" </dev/null >/dev/null
	) || status=$?
	[ -z "$locked" ] || release_lock iptables || :
	if [ "$status" -eq 77 ]; then
		fatal "guestgate refuses $dev: its ip= cannot be read, or the guest's policy says on_error = \"deny\" (see guestgate's log for the cause)"
	fi
	return 0
}
