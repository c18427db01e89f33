#!/bin/sh
# The daemon's announcements in a real Home Assistant, with its own MQTT integration, a real broker and the sample footage. Ends with
# `N passed, N failed`.
# Usage: npm run test:homeassistant   (root is needed, for chroot and mounts; HOMEASSISTANT_VERSION: another than is tried here)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
if [ "$(id -u)" != 0 ]; then
  echo 'run.sh: chroot and mounts need root: try again with sudo' >&2
  exit 1
fi
sh "$here/../setup.sh"
sh "$here/../../scripts/apt-install.sh" mmdebstrap
HOMEASSISTANT_ROOT=$(sh "$here/root.sh" "${HOMEASSISTANT_VERSION:-2026.11.0}")
export HOMEASSISTANT_ROOT
cd "$here/../.."
exec npx vitest run --config test/homeassistant/vitest.config.ts
