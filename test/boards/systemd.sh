#!/bin/sh
# systemd.sh: deploy/systemd/ghostcam.service is one that systemd 247 of Debian 11 loads, so that 249 of Ubuntu 22.04 and JetPack 6
# does, whose own packages Debian's mirrors do not have. Ends with `N passed, N failed`.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=${GHOSTCAM_BOARDS_CACHE:-/var/cache/ghostcam}/bullseye-systemd

if [ ! -d "$root" ]; then
  sh "$here/../../scripts/apt-install.sh" mmdebstrap
  mkdir -p "$(dirname "$root")"
  rm -rf "$root.part"
  mirror=$(sh "$here/../debian-mirror.sh")
  # Without the suites of updates, which Debian 11 no longer has everywhere.
  mmdebstrap --quiet --mode=root --variant=minbase --include=systemd --dpkgopt=force-unsafe-io \
    bullseye "$root.part" "deb $mirror bullseye main" >&2
  mv "$root.part" "$root"
fi

passed=0 failed=0
# verify NAME WANTED UNIT: whether systemd accepts the unit; WANTED is yes or no.
verify() {
  printf '%s\n' "$3" >"$root/etc/systemd/system/ghostcam.service"
  accepted=yes
  unshare --mount sh -c "
    mount -t proc proc '$root/proc' && mount --rbind /sys '$root/sys' &&
    chroot '$root' systemd-analyze verify /etc/systemd/system/ghostcam.service" >&2 || accepted=no
  if [ "$accepted" = "$2" ]; then
    passed=$((passed + 1)) result=ok
  else
    failed=$((failed + 1)) result=FAILED
  fi
  echo "$result: $1"
}

unit=$(cat "$here/../../deploy/systemd/ghostcam.service")
echo "$(chroot "$root" systemctl --version | head -n 1)"
verify 'the unit is loaded' yes "$unit"
# Otherwise the check above would show nothing.
verify 'a specifier of systemd 251 is not' no "$(echo "$unit" | sed 's|run --env-file /run/ghostcam-settings|run --env-file %d|')"
echo "$passed passed, $failed failed"
