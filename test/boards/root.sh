#!/bin/sh
# root.sh ARCH: makes the Debian 13 root file system of a board (ARCH: amd64 or arm64) once, and prints its path. What is in it
# is what a board's owner installs with apt before ghostcam: Node, ffmpeg, Debian's ONNX Runtime, and a broker to talk to.
set -eu
arch=$1
root=${GHOSTCAM_BOARDS_CACHE:-/var/cache/ghostcam}/boards-trixie-$arch
packages=nodejs,npm,ffmpeg,libonnxruntime1.21,mosquitto,mosquitto-clients,ca-certificates

if [ ! -d "$root" ]; then
  mkdir -p "$(dirname "$root")"
  rm -rf "$root.part"
  # The mirror that this machine uses itself, which may be one of its own network.
  # shellcheck disable=SC2016 # apt expands it
  mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -v security | head -n 1)
  echo "root.sh: making a Debian 13 $arch root in $root" >&2
  nice -n 10 mmdebstrap --quiet --mode=root --arch="$arch" --variant=apt --include="$packages" \
    trixie "$root.part" "$mirror" >&2
  mv "$root.part" "$root"
fi
echo "$root"
