#!/bin/sh
# The package on clean Debian 13 boards: packs it, installs it into a root file system of each architecture (amd64 at full speed,
# arm64 emulated by qemu) and checks what it must show there. Ends with `N passed, N failed`.
# Usage: npm run test:boards [-- ARCH…]   (root is needed, for chroot and mounts; default: amd64 arm64)
# The root file systems are kept in $GHOSTCAM_BOARDS_CACHE, default /var/cache/ghostcam: 1.5 GB, made in 1 + 15 minutes.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
[ $# -gt 0 ] || set -- amd64 arm64
if [ "$(id -u)" != 0 ]; then
  echo 'run.sh: chroot and mounts need root: try again with sudo' >&2
  exit 1
fi
sh "$here/../../deploy/apt-install.sh" mmdebstrap qemu-user-static g++ g++-aarch64-linux-gnu g++-x86-64-linux-gnu

# The emulator runs foreign programs by their magic number; a container or a plain virtual machine has not set that up.
formats=/proc/sys/fs/binfmt_misc
[ -e $formats/register ] || mount -t binfmt_misc binfmt_misc $formats
[ -e $formats/qemu-aarch64 ] || cat /usr/lib/binfmt.d/qemu-aarch64.conf > $formats/register

show=$(mktemp -d)
trap 'rm -rf "$show"' EXIT
npm pack --silent --pack-destination "$show" "$here/../.." >&2
cp -r "$here/../fixtures/photos" "$here/check.mjs" "$show"
rm "$show/photos/README.md"
npm_config_registry=$(npm config get registry)
export npm_config_registry GHOSTCAM_BOARD_SHOW="$show"

for arch in "$@"; do
  root=$(sh "$here/root.sh" "$arch")
  if [ "$arch" = arm64 ]; then
    # The oldest processor that is supported: no dot product, no half-precision arithmetic.
    export QEMU_CPU=cortex-a72 GHOSTCAM_BOARD_CPUINFO="$here/raspberry-pi-4.cpuinfo"
  fi
  echo "== Debian 13 $arch"
  nice -n 10 unshare --mount sh "$here/enter.sh" "$root" sh -c "
    npm i -g --silent --ignore-scripts /mnt/ghostcam-*.tgz && node /mnt/check.mjs /mnt $arch" </dev/null |
    tee "$show/$arch.log" || true
done

# The sum of what the boards said; one that said nothing has failed.
passed=0 failed=0
for arch in "$@"; do
  last=$(tail -n 1 "$show/$arch.log")
  case $last in
    *' passed, '*' failed')
      passed=$((passed + ${last%% *}))
      last=${last#*, }
      failed=$((failed + ${last%% *}))
      ;;
    *) failed=$((failed + 1)) ;;
  esac
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
