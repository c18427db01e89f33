#!/bin/sh
# Compiles the soak into build/soak, with links to the built program and to what its helpers look for beside themselves.
set -eu
cd "$(dirname "$0")/../.."
npm run --silent build:ts
npx tsc -p test/soak/tsconfig.json
for name in assets dist lib models package.json; do ln -sfn "../../$name" "build/soak/$name"; done
ln -sfn ../../../../test/support/rtsp_server.py build/soak/test/support/rtsp_server.py
