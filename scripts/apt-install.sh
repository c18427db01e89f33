#!/bin/sh
# apt-install.sh PACKAGE…: installs those of the packages that are missing, on Debian and its kin. Does nothing, and needs
# no privilege, when all are there; elsewhere it says what is needed and leaves the installing to you.
set -eu

# Where a package is for this machine's own processor, another one may be it: g++ is g++-x86-64-linux-gnu on amd64.
provided() {
  dpkg-query -W -f '${db:Status-Status}, ${Provides}\n' | sed -n 's/^installed, //p' | tr , '\n' |
    sed 's/^ *//; s/ (.*//' | grep -Fqx "$1"
}
missing=''
for package in "$@"; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || provided "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
  echo "apt-install.sh: install these, by their names on your system, then try again:$missing" >&2
  exit 1
fi
as_root=''
if [ "$(id -u)" != 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "apt-install.sh: run this as root, then try again: apt-get install --no-install-recommends$missing" >&2
    exit 1
  fi
  as_root=sudo
fi

echo "apt-install.sh: installing$missing" >&2
# Waits for another apt to finish instead of failing on its lock.
apt="apt-get -qq -o DPkg::Lock::Timeout=600"
$as_root $apt update
# shellcheck disable=SC2086 # both are lists of words
$as_root env DEBIAN_FRONTEND=noninteractive $apt install -y --no-install-recommends $missing >/dev/null
