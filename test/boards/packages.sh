#!/bin/sh
# packages.sh ROOT ARCH [PACKAGE…]: installs packages into a root file system that mmdebstrap is making; called by root.sh.
# Those of another processor are unpacked by this machine's dpkg: an emulated one takes a quarter of an hour for ffmpeg. Of the scripts
# that follow, which set up desktops and services, none runs but ldconfig.
set -eu
root=$1 arch=$2
shift 2
[ $# -gt 0 ] || exit 0
export DEBIAN_FRONTEND=noninteractive
if [ "$arch" = "$(dpkg --print-architecture)" ]; then
  chroot "$root" apt-get -qq install -y --no-install-recommends "$@" >/dev/null
  exit
fi
export APT_CONFIG="$MMDEBSTRAP_APT_CONFIG"
archives=$root/var/cache/apt/archives
apt-get -qq install -y --no-install-recommends --download-only "$@"
dpkg --root="$root" --force-unsafe-io --force-depends --force-confdef --no-triggers --unpack "$archives"/*.deb >/dev/null
sed -i 's/^Status: install ok \(unpacked\|triggers-pending\|triggers-awaited\)$/Status: install ok installed/; /^Triggers-\(Pending\|Awaited\):/d' "$root/var/lib/dpkg/status"
: >"$root/var/lib/dpkg/triggers/Unincorp"
rm "$archives"/*.deb
chroot "$root" ldconfig
