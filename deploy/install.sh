#!/bin/sh
# Installs ghostcam as a service of this machine (Debian 12 or 13, Raspberry Pi OS, Ubuntu 22.04 or later), or removes it. May be run
# again at any time: what is there already is left as it is, and a newer package replaces the older one.
# Usage: sudo sh install.sh ghostcam-VERSION.tgz     the npm package of a release
#        sudo sh install.sh --uninstall              keeps /etc/ghostcam; --purge removes that too
set -eu

usage='usage: sudo sh install.sh ghostcam-VERSION.tgz | --uninstall | --purge'
prefix=/usr/local
settings=/etc/ghostcam
unit=/etc/systemd/system/ghostcam.service
installed=$prefix/lib/node_modules/ghostcam

step() { printf '\n== %s\n' "$1"; }
fail() {
  echo "install.sh: $1" >&2
  exit 1
}
# A container or a chroot may have no systemd running.
systemd_runs() { [ -d /run/systemd/system ]; }

uninstall() {
  step 'Stopping the service and removing it'
  if systemd_runs && [ -e "$unit" ]; then systemctl disable --now ghostcam.service; fi
  rm -f "$unit"
  if systemd_runs; then systemctl daemon-reload; fi
  step 'Removing the program'
  npm uninstall --global --prefix "$prefix" ghostcam
  if [ "$1" = purge ]; then
    step "Removing the settings in $settings"
    rm -rf "$settings" /var/lib/ghostcam /var/lib/private/ghostcam
  fi
}

# Only a file is installed: a name would be looked up by npm, which anybody may have registered, and be run as root.
require_package() {
  [ -f "$1" ] || fail "there is no file $1; $usage"
  tar -xzOf "$1" package/package.json 2>/dev/null | grep -q '^ *"name": "ghostcam",$' ||
    fail "$1 is no package of ghostcam: make one with npm run release in a checkout"
}

install_all() {
  package=$(readlink -f "$1")

  step 'System packages: Node, ffmpeg, and an ONNX Runtime with XNNPACK where Debian has it'
  export DEBIAN_FRONTEND=noninteractive
  apt-get -qq update
  apt-get -qq install -y --no-install-recommends ffmpeg ca-certificates >/dev/null
  if ! command -v npm >/dev/null; then apt-get -qq install -y --no-install-recommends nodejs npm >/dev/null; fi
  if [ "$(uname -m)" = aarch64 ] && ! grep -qw asimdhp /proc/cpuinfo; then
    echo "this processor lacks the half-precision arithmetic that Debian's ONNX Runtime needs: the package's own will be used"
  elif ! apt-get -qq install -y --no-install-recommends libonnxruntime1.21 >/dev/null 2>&1; then
    echo "this system has no libonnxruntime1.21 (Debian 13 has): the package's own ONNX Runtime will be used"
  fi
  node -e "const [major, minor] = process.versions.node.split('.'); process.exit(major * 100 + +minor >= 2019 ? 0 : 1)" ||
    fail "Node $(node --version) is too old: ghostcam needs 20.19 or later; see https://nodejs.org/en/download"

  step "The program, in $installed"
  # No install scripts: the package brings all that it needs, and its dependencies' scripts would download more.
  npm install --global --prefix "$prefix" --ignore-scripts --no-fund --no-audit "$package"

  step "The settings, in $settings: readable by root alone"
  install -d -m 0700 "$settings"
  if [ ! -e "$settings/ghostcam.env" ]; then
    install -m 0600 "$installed/deploy/ghostcam.env.example" "$settings/ghostcam.env"
  fi

  step 'The service'
  install -m 0644 "$installed/deploy/systemd/ghostcam.service" "$unit"
  if systemd_runs; then
    systemctl daemon-reload
    systemctl enable ghostcam.service
    if systemctl is-active --quiet ghostcam.service; then systemctl restart ghostcam.service; fi
  fi

  cat <<END

Done. What is left to do:
  sudoedit $settings/ghostcam.env     cameras and broker
  sudo ghostcam doctor                tries them, and this board
  sudo systemctl start ghostcam       starts it; it will start with the machine from now on
  journalctl -u ghostcam -f           shows its log
END
}

[ $# = 1 ] || fail "$usage"
case $1 in
  --uninstall | --purge) ;;
  -*) fail "$usage" ;;
  *) require_package "$1" ;;
esac
[ "$(id -u)" = 0 ] || fail "installing needs root; $usage"
command -v apt-get >/dev/null || fail 'this is no Debian, Ubuntu or Raspberry Pi OS: see docs/boards.md for the steps to take by hand'
case $1 in
  --uninstall) uninstall keep ;;
  --purge) uninstall purge ;;
  *) install_all "$1" ;;
esac
