#!/bin/sh
# enter.sh ROOT COMMAND…: runs a command in a root file system, as root, with ROOT itself left as it was: what the command writes
# goes to $GHOSTCAM_BOARD_CHANGES, or into memory. Wants a mount namespace of its own: unshare --mount sh enter.sh ROOT COMMAND…
set -eu
root=$1
shift
changes=${GHOSTCAM_BOARD_CHANGES:-}
if [ -z "$changes" ]; then
  changes=$(mktemp -d)
  mount -t tmpfs -o size=4g ghostcam "$changes"
fi
board=$changes/root
mkdir -p "$board" "$changes/upper" "$changes/work"
mount -t overlay -o "lowerdir=$root,upperdir=$changes/upper,workdir=$changes/work" ghostcam "$board"
mkdir -p "$board/proc" "$board/sys" "$board/dev" "$board/etc" "$board/tmp"
mount -t proc proc "$board/proc"
mount -t sysfs -o ro sysfs "$board/sys"
mount --rbind /dev "$board/dev"
# Names and certificates as this machine knows them, so that npm finds its registry from inside as from outside.
cp -L /etc/resolv.conf /etc/hosts "$board/etc/"
mkdir -p "$board/etc/ssl/certs"
mount --bind -o ro /etc/ssl/certs "$board/etc/ssl/certs"
# What the kernel of the board would say of its processor. ONNX Runtime looks there for the kernels to use, and its 1.30 for arm64
# crashes when it finds the description of another architecture.
[ -z "${GHOSTCAM_BOARD_CPUINFO:-}" ] || mount --bind "$GHOSTCAM_BOARD_CPUINFO" "$board/proc/cpuinfo"
if [ -n "${GHOSTCAM_BOARD_SHOW:-}" ]; then
  mkdir -p "$board/mnt"
  mount --bind "$GHOSTCAM_BOARD_SHOW" "$board/mnt"
fi
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
  ${NODE_EXTRA_CA_CERTS:+NODE_EXTRA_CA_CERTS="$NODE_EXTRA_CA_CERTS"} \
  ${npm_config_registry:+npm_config_registry="$npm_config_registry"} \
  ${QEMU_CPU:+QEMU_CPU="$QEMU_CPU"} \
  chroot "$board" "$@"
