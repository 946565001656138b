#!/bin/sh
# Fetch MicroPython's source through the operating system's package manager.
#
# usage: fetch_micropython.sh DESTINATION
#
# Debian's `micropython` source package, from release trixie, at the mirror
# this machine already uses, checked against the installed Debian keyring.
# apt keeps its lists and cache in private folders, so no root is needed and
# the system's own package state is not touched. Only the upstream tarball is
# unpacked: the twin wants MicroPython as released.
set -eu

destination=$1
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

fail() {
    echo "twin: $1" >&2
    exit 1
}

command -v apt-get >/dev/null || fail "no apt-get here, so MicroPython's source cannot be fetched. \
Unpack MicroPython 1.25 or newer yourself and set MICROPYTHON_SOURCE=<that folder>, \
or set MICROPYTHON=<a ready twin binary>."
[ -r "$keyring" ] || fail "$keyring is missing. Install it: apt-get install debian-archive-keyring"
command -v xz >/dev/null || fail "xz is missing. Install it: apt-get install xz-utils"

# The mirror in use: apt's own index of it, or (before any `apt-get update`) its sources list.
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' | head -n 1)
if [ -z "$mirror" ]; then
    mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2>/dev/null |
        sed -n -e 's/^URIs: *\([^ ]*\).*/\1/p' -e 's/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\).*/\2/p' | head -n 1)
fi
[ -n "$mirror" ] || fail "no Debian mirror in /etc/apt/sources.list. Add one, or set MICROPYTHON_SOURCE=<MicroPython's source>."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/download"
echo "deb-src [signed-by=$keyring] $mirror trixie main" > "$work/sources.list"
: > "$work/status"
private_apt() {
    apt-get -qq \
        -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=- \
        -o Dir::State::Lists="$work/lists" -o Dir::State::Status="$work/status" \
        -o Dir::Cache="$work/cache" -o APT::Sandbox::User= \
        -o Acquire::Retries=3 -o Acquire::Languages=none "$@"
}
private_apt update || fail "the mirror $mirror did not answer. Check the network, then run make again."
(cd "$work/download" && private_apt source --download-only micropython) ||
    fail "the mirror $mirror has no micropython source package for trixie. Set MICROPYTHON_SOURCE=<MicroPython's source>."

mkdir -p "$work/source"
tar -xJf "$work"/download/micropython_*.orig.tar.xz -C "$work/source" --strip-components=1
mkdir -p "$(dirname "$destination")"
rm -rf "$destination"
mv "$work/source" "$destination"
