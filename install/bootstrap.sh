#!/bin/sh
# Brings a fresh machine (Debian or Ubuntu, root, Node >= 20) to where the tests and the demonstration run:
# Debian packages, npm packages, the built program. What is there already is left alone. Arguments are more lists of packages.
set -eu
cd "$(dirname "$0")/.."

say() { printf 'setting up: %s\n' "$*" >&2; }

if [ "$(id -u)" != 0 ]; then
	echo 'setting up: this makes network namespaces and installs packages, so it needs root: sudo npm ...' >&2
	exit 2
fi

# Packages named in test/packages.txt that are not installed yet. No service is started for them.
packages() {
	missing=''
	# shellcheck disable=SC2013  # one word a package
	for package in $(sed 's/#.*//' test/packages.txt test/*/packages.txt "$@" 2>/dev/null); do
		dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
	done
	[ -n "$missing" ] || return 0
	say "apt packages:$missing"
	policy=/usr/sbin/policy-rc.d
	made=''
	# It forbids services only as long as this script runs, even if that is killed.
	[ -e "$policy" ] || {
		# shellcheck disable=SC2016  # the policy's own $0
		printf '#!/bin/sh\n[ -e /proc/%s ] && exit 101\nrm -f "$0"\n' $$ >"$policy"
		chmod +x "$policy"
		made=yes
	}
	trap '[ -z "$made" ] || rm -f "$policy"' EXIT
	trap 'exit 143' HUP INT TERM
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq
	# shellcheck disable=SC2086  # one word a package
	apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

packages "$@"

stamp=node_modules/.package-lock.json
if ! [ -e $stamp ] || [ -n "$(find package-lock.json -newer $stamp)" ]; then
	say 'npm packages'
	npm ci --no-audit --no-fund --loglevel=error >&2
	touch $stamp
fi

newest=$(find src hooks install package-lock.json -newer dist/guestgate 2>/dev/null | head -n 1 || true)
if ! [ -x dist/guestgate ] || ! [ -e dist/guestgate.mjs ] || [ -n "$newest" ]; then
	say 'dist/guestgate'
	npm run --silent build
fi
