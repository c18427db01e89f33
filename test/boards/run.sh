#!/bin/sh
# A release on clean boards: makes it, installs it into the board's root file system and checks what it must show there. Ends with
# `N passed, N failed`.
# Usage: npm run test:boards [-- BOARD…]   (root is needed, for chroot and mounts; default: all of them)
# Boards: systemd (the unit on a systemd older than any that is supported), pc (amd64, at full speed), image (the container image, built and
# run without an engine: image.mjs), wrong (those that cannot run it: wrong.sh), archive (the arm64 archive without a Debian, emulated:
# archive.sh), pi5 and pi4 (arm64, the processor emulated by qemu), release-SUITE-ARCH-KIND (README's commands with a release: release.sh;
# bookworm or trixie, amd64 or arm64, deb or tarball).
# The root file systems are kept in $GHOSTCAM_BOARDS_CACHE, default /var/cache/ghostcam: 1.5 GB, made in 1 + 15 minutes, and those of releases for arm64, in up to half an hour each.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
[ $# -gt 0 ] || set -- systemd pc image wrong archive release-bookworm-amd64-deb release-bookworm-amd64-tarball \
  release-trixie-amd64-deb release-trixie-amd64-tarball release-bookworm-arm64-deb release-bookworm-arm64-tarball \
  release-trixie-arm64-deb release-trixie-arm64-tarball pi5 pi4
if [ "$(id -u)" != 0 ]; then
  echo 'run.sh: chroot and mounts need root: try again with sudo' >&2
  exit 1
fi
sh "$here/../../scripts/apt-install.sh" g++ g++-aarch64-linux-gnu g++-x86-64-linux-gnu make libgtest-dev

show=$(mktemp -d)
trap 'rm -rf "$show"' EXIT
npm run --silent --prefix "$here/../.." release >&2
cp -r "$here/../fixtures/photos" "$here/check.mjs" "$here/../../deploy/install.sh" "$show"
rm "$show/photos/README.md"
npm_config_registry=$(npm config get registry)
export npm_config_registry GHOSTCAM_BOARD_SHOW="$show"

# build ARCH TRIPLET: the tests of the addon's C++ for a processor.
build() {
  make --silent --directory="$here/../native" board CXX="$2-g++" BUILD="$show/build-$1"
  mv "$show/build-$1/board-tests" "$show/native-tests-$1"
}

# check BOARD ARCH [PROCESSOR CPUINFO]: qemu's name of the processor, and the file that shall be its /proc/cpuinfo.
check() {
  board=$1 arch=$2
  export QEMU_CPU="${3:-}" GHOSTCAM_BOARD_CPUINFO="${4:-}"
  root=$(sh "$here/root.sh" trixie "$arch" board)
  rm -f "$show"/ghostcam-*.tgz
  cp "$here"/../../release/ghostcam-*-linux-"$(echo "$arch" | sed s/amd64/x64/)".tgz "$show"
  echo "== $board: Debian 13 $arch"
  nice -n 10 unshare --mount sh "$here/enter.sh" "$root" sh -c "
    npm i -g --silent --ignore-scripts /mnt/ghostcam-*.tgz && node /mnt/check.mjs /mnt $board" </dev/null |
    tee "$show/$board.log" || true
}

case " $* " in *' pc '*) build x64 x86_64-linux-gnu ;; esac
case " $* " in *' pi'*) build arm64 aarch64-linux-gnu ;; esac
for board in "$@"; do
  case $board in
    pc) check pc amd64 ;;
    pi5) check pi5 arm64 cortex-a76 "$here/raspberry-pi-5.cpuinfo" ;;
    pi4) check pi4 arm64 cortex-a72 "$here/raspberry-pi-4.cpuinfo" ;;
    image)
      echo '== image: what the Dockerfile makes of the release'
      root=$(sh "$here/root.sh" trixie amd64 clean)
      nice -n 10 node "$here/image.mjs" "$root" "$here/../../release/container" </dev/null | tee "$show/image.log" || true
      ;;
    systemd)
      echo '== systemd: the unit on Debian 11'
      sh "$here/systemd.sh" </dev/null | tee "$show/systemd.log" || true
      ;;
    wrong)
      echo '== wrong: boards that cannot run it'
      sh "$here/wrong.sh" "$here"/../../release/ghostcam-*-linux-x64.tgz </dev/null | tee "$show/wrong.log" || true
      ;;
    archive)
      echo '== archive: the arm64 archive, emulated'
      sh "$here/archive.sh" </dev/null | tee "$show/archive.log" || true
      ;;
    release-*-*-*)
      # shellcheck disable=SC2046 # three words
      sh "$here/release.sh" $(echo "${board#release-}" | tr - ' ') </dev/null | tee "$show/$board.log" || true
      ;;
    *)
      echo "run.sh: there is no board $board: systemd, pc, image, wrong, archive, release-SUITE-ARCH-KIND, pi5 or pi4" >&2
      exit 1
      ;;
  esac
done

# The sum of what the boards said; one that said nothing has failed.
passed=0 failed=0
for board in "$@"; do
  last=$(tail -n 1 "$show/$board.log")
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
