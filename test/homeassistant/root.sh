#!/bin/sh
# root.sh VERSION: makes a root file system with that Home Assistant once, and prints its path: 1.7 GB, made in about ten
# minutes. Home Assistant wants a newer Python than Debian 13 has: Debian testing's.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
version=$1
root=${GHOSTCAM_HOMEASSISTANT_CACHE:-/var/cache/ghostcam-ha}/$version

if [ ! -d "$root" ]; then
  mkdir -p "$(dirname "$root")"
  rm -rf "$root.part"
  mirror=$(sh "$here/../debian-mirror.sh")
  echo "root.sh: making a Debian testing root with Home Assistant $version in $root" >&2
  # A mirror that lags behind has lists of testing that are out of date: for this they are new enough.
  HOMEASSISTANT_VERSION=$version nice -n 10 mmdebstrap --quiet --mode=root --variant=apt \
    --aptopt='Acquire::Check-Valid-Until "false"' \
    --include=ca-certificates,g++,libc6-dev,python3-dev,python3-venv \
    --customize-hook="sh $here/install.sh \"\$1\"" \
    testing "$root.part" "$mirror" >&2
  mv "$root.part" "$root"
fi
echo "$root"
