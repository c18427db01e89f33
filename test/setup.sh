#!/bin/sh
# Installs, on Debian 12 or 13, the real programs that the tests talk to. Does nothing when all of them are there.
#
# ffmpeg decodes, mosquitto is the broker, openssl makes its certificates, gst-rtsp-server plays the camera, and the
# compiler builds the addon.
set -eu

packages='
  ffmpeg
  g++
  gir1.2-gst-rtsp-server-1.0
  gstreamer1.0-plugins-bad
  gstreamer1.0-plugins-base
  gstreamer1.0-plugins-good
  make
  mosquitto
  mosquitto-clients
  openssl
  python3
  python3-gi
'

missing=''
for package in $packages; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
  echo "test/setup.sh: install these, by their names on your system, then run the tests:$missing" >&2
  exit 1
fi
as_root=''
if [ "$(id -u)" != 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "test/setup.sh: run as root: apt-get install --no-install-recommends$missing" >&2
    exit 1
  fi
  as_root=sudo
fi

echo "test/setup.sh: installing$missing" >&2
# Waits for another apt to finish instead of failing on its lock.
apt="apt-get -qq -o DPkg::Lock::Timeout=600"
$as_root $apt update
# shellcheck disable=SC2086 # both are lists of words
$as_root env DEBIAN_FRONTEND=noninteractive $apt install -y --no-install-recommends $missing >/dev/null
