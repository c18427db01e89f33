#!/bin/sh
# archive.sh: the release's arm64 archive on this machine, with the processor of a Raspberry Pi 5 emulated, and this machine's cross
# libraries in place of a Debian of its own, which emulation takes half an hour for. Ends with `N passed, N failed`.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
sh "$here/../../scripts/apt-install.sh" file g++-aarch64-linux-gnu qemu-user-static
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
tar -xzf "$here"/../../release/ghostcam-*-linux-arm64.tar.gz --strip-components=1 -C "$folder"
passed=0 failed=0
check() {
  name=$1
  shift
  if "$@"; then passed=$((passed + 1)) mark=ok; else failed=$((failed + 1)) mark='not ok'; fi
  echo "$mark - arm64 archive: $name"
}
# ONNX Runtime looks into /proc/cpuinfo for the kernels to use.
node() {
  QEMU_CPU=cortex-a76 nice -n 10 unshare --mount sh -c 'mount --bind "$0" /proc/cpuinfo; exec "$@"' \
    "$here/raspberry-pi-5.cpuinfo" qemu-aarch64-static -L /usr/aarch64-linux-gnu "$folder/node" "$@"
}

only_arm64() {
  find "$folder" -type f -exec file --brief {} + | grep ELF >"$folder.kinds"
  count=$(wc -l <"$folder.kinds") others=$(grep -vc 'ARM aarch64' "$folder.kinds" || true)
  rm "$folder.kinds"
  echo "$count programs and libraries, $others for other processors"
  [ "$count" = 5 ] && [ "$others" = 0 ]
}
version() { [ "$(node --version)" = "$(sed -n "s/.*NODE_VERSION = '\(.*\)'.*/v\1/p" "$here/../../scripts/release/targets.mjs")" ]; }
own_version() { [ "$(node "$folder/lib/dist/main.js" --version)" = "$(sed -n 's/^ *"version": "\(.*\)",/\1/p' "$here/../../package.json")" ]; }
person() { node "$folder/lib/dist/main.js" detect "$folder/lib/assets/doctor/photo.jpg" | grep -E '^ +person +0\.[89]'; }

check 'Node, the addon, ONNX Runtime, sharp and libvips are for arm64, and nothing is for another processor' only_arm64
check 'node --version' version
check 'ghostcam --version' own_version
check 'ghostcam detect finds the person in the photograph' person
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
