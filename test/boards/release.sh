#!/bin/sh
# release.sh SUITE ARCH deb|tarball: README's four commands, as they are printed there, in a clean Debian (bookworm or trixie, amd64 or arm64)
# with what `npm run release` made, until an event arrives over MQTT. Ends with `N passed, N failed`.
# Usage: sudo sh test/boards/release.sh trixie amd64 deb
# The camera (gst-rtsp-server) and the broker (mosquitto) have the addresses that README gives them, in a network of their own. No systemd
# runs in a root file system: `systemctl start` does here what it would do with the unit. apt asks nothing. Emulated, frames may be older.
set -eu
suite=$1 arch=$2 kind=$3
here=$(cd "$(dirname "$0")" && pwd)
top=$here/../..
# apt, emulated, takes a quarter of an hour for ffmpeg: there it is in the root already.
case $arch in
  amd64) root=$(sh "$here/root.sh" "$suite" amd64 clean) node_arch=x64 ;;
  arm64) root=$(sh "$here/root.sh" "$suite" arm64 broker) node_arch=arm64 ;;
esac
case $kind in
  deb) word='## Four commands' artifact=$(ls "$top"/release/ghostcam_*_"$arch".deb) ;;
  tarball) word='Without installing anything' artifact=$(ls "$top"/release/ghostcam-*-linux-$node_arch.tar.gz) ;;
esac

work=$(mktemp -d "${GHOSTCAM_BOARDS_CACHE:-/var/cache/ghostcam}/release.XXXXXX")
started=''
cleanup() {
  # shellcheck disable=SC2086 # a list of numbers
  [ -z "$started" ] || kill $started 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
mkdir "$work/show"
cp "$artifact" "$here/service.sh" "$work/show"
export GHOSTCAM_BOARD_SHOW="$work/show" GHOSTCAM_BOARD_CHANGES="$work"
[ "$arch" != arm64 ] || export QEMU_CPU=cortex-a76 GHOSTCAM_BOARD_CPUINFO="$here/raspberry-pi-5.cpuinfo"

# printed N: README's command, for this processor.
printed() { node "$here/readme.mjs" "$word" "$1" | sed "s/_arm64\.deb/_$arch.deb/; s/linux-arm64/linux-$node_arch/g"; }
passed=0 failed=0
# step NAME COMMAND…: with its time.
step() {
  name=$1 began=$(date +%s)
  shift
  if "$@"; then passed=$((passed + 1)) mark=ok; else failed=$((failed + 1)) mark='not ok'; fi
  echo "$mark - $suite $arch $kind: $name ($(($(date +%s) - began)) s)"
}
inside() { nice -n 10 unshare --mount sh "$here/enter.sh" "$root" sh /mnt/service.sh "$@" </dev/null; }
# In the network where camera and broker are.
attached() { nsenter --net=/proc/$network/ns/net nice -n 10 unshare --mount sh "$here/enter.sh" "$root" sh /mnt/service.sh "$@" </dev/null; }

camera() {
  unshare --net sleep 100000 &
  network=$! started="$started $!"
  sleep 1
  in_network="nsenter --net=/proc/$network/ns/net"
  $in_network ip link set lo up
  for address in 192.168.1.2 192.168.1.20; do $in_network ip address add $address/32 dev lo; done
  printf 'listener 1883 192.168.1.2\nallow_anonymous false\npassword_file %s\n' "$work/users" >"$work/mosquitto.conf"
  touch "$work/users" && mosquitto_passwd -b "$work/users" ghostcam secret
  chmod 0755 "$work" && chmod 0644 "$work/users"
  $in_network mosquitto -c "$work/mosquitto.conf" >"$work/broker.log" 2>&1 &
  started="$started $!"
  ffmpeg -nostdin -loglevel error -i "$top/assets/demo/footage.mp4" -an -c:v libx264 -preset ultrafast -bf 0 -g 25 -f mpegts "$work/clip.ts"
  $in_network ffmpeg -nostdin -loglevel error -re -stream_loop -1 -i "$work/clip.ts" -c copy -f rtp rtp://127.0.0.1:5600 >/dev/null 2>&1 &
  started="$started $!"
  mkfifo "$work/open"
  $in_network /usr/bin/python3 "$here/../support/rtsp_server.py" --address 192.168.1.20 --port 554 --feed-port 5600 \
    --path /stream2 --user viewer --password secret <"$work/open" >"$work/camera.log" 2>&1 &
  started="$started $!"
  # The server leaves when its standard input closes.
  exec 8>"$work/open"
}

# The event's message, as README's mosquitto_sub shows it.
event() {
  listen=$(node "$here/readme.mjs" '## Four commands' 4)
  nsenter --net=/proc/$network/ns/net sh -c "$listen -C 1 -W 900" >"$work/event" && grep -m 1 -E '^ghostcam/[^ ]+/events \{' "$work/event" | cut -c 1-160
}

echo "== $suite $arch $kind: $(basename "$artifact"), $(du -m "$artifact" | cut -f 1) MB"
camera
step "$(printed 1 | head -n 1)" inside fetch "$(printed 1)"
step "$(printed 2 | head -n 1)" inside run "$(printed 2)"
if [ "$kind" = tarball ]; then step "$(printed 3 | head -n 1)" inside run "$(printed 3)"; fi
last=$([ "$kind" = tarball ] && echo 4 || echo 3)
attached run "$(printed "$last")" >"$work/daemon.log" 2>&1 &
started="$started $!"
step "$(printed "$last" | head -n 1), until the first event" event
[ -s "$work/event" ] || tail -n 20 "$work/daemon.log"
echo "installed: $(du -sm "$work/upper/usr/lib/ghostcam" "$work"/upper/root/ghostcam-*-linux-*/ 2>/dev/null | tail -n 1 | cut -f 1) MB"
for process in $(nsenter --net=/proc/$network/ns/net ss -H -t -p 2>/dev/null | sed -n 's/.*pid=\([0-9]*\).*/\1/p' | sort -u); do
  case $(tr '\0' ' ' <"/proc/$process/cmdline" 2>/dev/null) in *dist/main.js*) kill "$process" ;; esac
done
if [ "$kind" = deb ]; then
  sleep 3
  step 'apt purge leaves no file, no settings and no user' inside purged
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
