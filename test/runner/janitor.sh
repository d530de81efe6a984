#!/bin/sh
# Cleans up behind a run of the tests, however the run ends: stdin is a pipe that the runner holds. The runner writes
# "begun PID" and "ended PID" for the process groups that it starts. At the end of the pipe the groups that are left are
# killed, and the control groups, the temporary folder and half-made folders in .cache go.
set -u
folder=$1
cache=$(pwd)/.cache
trap '' HUP INT TERM
cd / || exit 1

groups=' '
while read -r what group; do
	case $what in
	begun) groups="$groups$group " ;;
	ended) groups="${groups%% "$group" *} ${groups#* "$group" }" ;;
	esac
done

for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done

# Those whose process is gone; another run may be using its own. A killed sandbox takes a moment to leave its group.
left=0
remove_groups() {
	left=0
	for group in /sys/fs/cgroup/guestgate-test-* /sys/fs/cgroup/*/guestgate-test-*; do
		if ! [ -d "$group" ] || [ -e "/proc/${group##*-}" ]; then continue; fi
		find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || left=1
	done
}

for _ in $(seq 100); do
	rest=0
	# A zombie has ended; process 1 may take its time to bury it.
	for group in $groups; do ! pgrep -g "$group" -r D,R,S,T >/dev/null || rest=1; done
	remove_groups
	[ $rest = 0 ] && [ $left = 0 ] && break
	sleep 0.1
done
rm -rf "$folder"
for half in "$cache"/*.of-*.*; do
	maker=${half##*.of-}
	[ -e "/proc/${maker%%.*}" ] || rm -rf "$half"
done
