#!/bin/sh
# Compiles the campaign into build/faults, with links to the built program and to what its helpers look for beside themselves.
set -eu
cd "$(dirname "$0")/../.."
npm run --silent build:ts
npx tsc -p test/faults/tsconfig.json
for name in assets dist lib models package.json; do ln -sfn "../../$name" "build/faults/$name"; done
ln -sfn ../../../../test/support/rtsp_server.py build/faults/test/support/rtsp_server.py
