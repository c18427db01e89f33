#!/bin/sh
# checkout.sh SUITE: README's promise on a clean Debian (bookworm or trixie) with Node and nothing else: what is committed here is
# checked out there, `npm ci && npm run demo` shows detections, and `npm test` passes. Ends with `N passed, N failed`.
# Usage: sudo sh test/boards/checkout.sh trixie
# Debian 12's own Node is too old: there, the one of this machine is put into /usr/local.
set -eu
suite=$1
here=$(cd "$(dirname "$0")" && pwd)
root=$(sh "$here/root.sh" "$suite" amd64 clean)

show=$(mktemp -d)
trap 'rm -rf "$show"' EXIT
git -C "$here/../.." archive --format=tar --output="$show/checkout.tar" --prefix=ghostcam/ HEAD
prefix=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")
node='apt-get -qq update && apt-get -qq install -y --no-install-recommends nodejs npm >/dev/null'
if [ "$suite" = bookworm ]; then
  tar -C "$prefix" -cf "$show/node.tar" bin/node include/node lib/node_modules/npm
  node='tar -C /usr/local -xf /mnt/node.tar && ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm'
fi
cat > "$show/steps.sh" <<END
passed=0 failed=0
# step NAME COMMAND…
step() {
  name=\$1 began=\$(date +%s)
  shift
  if "\$@" </dev/null; then passed=\$((passed + 1)) mark=ok; else failed=\$((failed + 1)) mark='not ok'; fi
  echo "\$mark - $suite: \$name (\$((\$(date +%s) - began)) s)"
}
# Ends at the first detection.
demo() { timeout 300 npm run demo 2>&1 | grep -m 1 -E '(person|cat) 0\\.'; }
{ $node; } || exit 1
tar -C /root -xf /mnt/checkout.tar
cd /root/ghostcam
step 'npm ci' npm ci --silent
step 'npm run demo, until the first detection' demo
step 'npm test' npm test --silent
echo "\$passed passed, \$failed failed"
[ "\$failed" = 0 ]
END
npm_config_registry=$(npm config get registry)
export npm_config_registry GHOSTCAM_BOARD_SHOW="$show"
nice -n 10 unshare --mount sh "$here/enter.sh" "$root" sh /mnt/steps.sh </dev/null
