#!/bin/sh
# onnxruntime-header.sh FOLDER: writes the onnxruntime_c_api.h of Debian 13 into FOLDER, on any Debian.
#
# The header comes out of Debian 13's libonnxruntime-dev, which Debian 12 does not have and which nothing here needs installed. apt
# fetches it with sources and state of its own below a temporary folder, and verifies it by the signature of Debian's archive.
set -eu
folder=$1
here=$(cd "$(dirname "$0")" && pwd)
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
  echo "onnxruntime-header.sh: $1" >&2
  exit 1
}
apt() {
  apt-get -qq -o Dir::State="$work" -o Dir::State::status=/dev/null -o Dir::Cache="$work" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::Etc::SourceList="$work/sources.list" -o APT::Sandbox::User=root -o Acquire::Languages=none -o Acquire::Retries=3 "$@"
}

[ -e "$keyring" ] || fail "$keyring is missing; install the package debian-archive-keyring"
mirror=$(sh "$here/../debian-mirror.sh")
echo "deb [signed-by=$keyring] $mirror trixie main" > "$work/sources.list"
apt update || fail "apt cannot read Debian 13's packages from $mirror; the reason is above"
(cd "$work" && apt download libonnxruntime-dev) || fail "apt cannot download libonnxruntime-dev from $mirror; the reason is above"
dpkg-deb --extract "$work"/libonnxruntime-dev_*.deb "$work/package"
mkdir -p "$folder"
# Renamed into place, so that a run that was interrupted leaves no half of it.
cp "$work/package/usr/include/onnxruntime/onnxruntime_c_api.h" "$folder/onnxruntime_c_api.h.part"
mv "$folder/onnxruntime_c_api.h.part" "$folder/onnxruntime_c_api.h"
