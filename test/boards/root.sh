#!/bin/sh
# root.sh SUITE ARCH KIND: makes a Debian root file system (SUITE: trixie, ARCH: arm64) once, and prints its path.
# KIND board has what an owner installs before the npm package: Node, ffmpeg, Debian's ONNX Runtime, and a broker to talk to; broker has
# ffmpeg and a broker alone; clean has nothing but apt.
set -eu
suite=$1 arch=$2 kind=$3
root=${GHOSTCAM_BOARDS_CACHE:-/var/cache/ghostcam}/$suite-$arch-$kind
packages=ca-certificates
case $kind in
  board) packages=$packages,nodejs,npm,ffmpeg,libonnxruntime1.21,mosquitto,mosquitto-clients ;;
  broker) packages=$packages,ffmpeg,mosquitto,mosquitto-clients ;;
esac

here=$(dirname "$0")
[ "$arch" != arm64 ] || sh "$here/emulator.sh" aarch64

if [ ! -d "$root" ]; then
  sh "$here/../../scripts/apt-install.sh" arch-test mmdebstrap
  mkdir -p "$(dirname "$root")"
  rm -rf "$root.part"
  mirror=$(sh "$here/../debian-mirror.sh")
  echo "root.sh: making a Debian $suite $arch root in $root" >&2
  # Nothing is lost when the power goes while it is made.
  nice -n 10 mmdebstrap --quiet --mode=root --arch="$arch" --variant=apt --include="$packages" \
    --dpkgopt=force-unsafe-io "$suite" "$root.part" "$mirror" >&2
  mv "$root.part" "$root"
fi
echo "$root"
