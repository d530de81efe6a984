#!/bin/sh
# Installs guestgate from this folder. It takes the options of: guestgate install --help
set -eu
cd "$(dirname "$0")"

if ! ./guestgate --version >/dev/null 2>&1; then
	echo "installing guestgate: this archive is for @TARGET@ and does not run on this machine ($(uname -m)): take another one" >&2
	exit 1
fi
exec ./guestgate install "$@"
