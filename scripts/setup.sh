#!/bin/sh
# Makes a source checkout runnable on Debian 12 or 13: ffmpeg, a compiler for the addon, and both builds. Quick when
# all is there already. A package installed from npm needs none of this: it brings its addon.
set -eu
here=$(dirname "$0")

sh "$here/apt-install.sh" ffmpeg fonts-dejavu-core g++ make python3

# Debian's own nodejs keeps its headers in a package apart; other Node installations bring them.
headers=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")/include/node/node_api.h
if [ ! -e "$headers" ] && dpkg-query -W -f '${Maintainer}' nodejs 2>/dev/null | grep -q -i debian; then
  sh "$here/apt-install.sh" libnode-dev
fi

npm run --silent build
