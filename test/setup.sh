#!/bin/sh
# Installs, on Debian 12 or 13, the real programs that the tests talk to. Does nothing when all of them are there.
#
# ffmpeg decodes, mosquitto is the broker, openssl makes its certificates, gst-rtsp-server plays the camera, chromium shows the
# page, prometheus has promtool, nginx stands before the page, and the compiler builds the addon. libgtest-dev: the tests of its C++ parts.
set -eu
here=$(dirname "$0")

sh "$here/../scripts/setup.sh"
sh "$here/../scripts/apt-install.sh" \
  chromium \
  gir1.2-gst-rtsp-server-1.0 \
  gstreamer1.0-plugins-bad \
  gstreamer1.0-plugins-base \
  gstreamer1.0-plugins-good \
  libgtest-dev \
  mosquitto \
  mosquitto-clients \
  nginx-light \
  openssl \
  prometheus \
  python3-gi
