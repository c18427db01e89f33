#!/bin/sh
# Prints the address of the Debian mirror that this machine uses itself, which may be one of its own network.
set -eu

# What `apt-get update` would fetch, which apt also knows before its first one.
mirror=$(apt-get --print-uris update | sed -n "s|^'\(.*/debian\)/*/dists/.*|\1|p" | head -n 1)
if [ -z "$mirror" ]; then
  echo 'debian-mirror.sh: apt has no Debian mirror among its sources; add one, see sources.list(5)' >&2
  exit 1
fi
echo "$mirror"
