#!/bin/sh
# build.sh NAME: compiles test/NAME into build/NAME, with links to the built program and to what its helpers look for
# beside themselves.
set -eu
cd "$(dirname "$0")/.."
npm run --silent build:ts
npx tsc -p "test/$1/tsconfig.json"
for name in assets dist lib models package.json; do ln -sfn "../../$name" "build/$1/$name"; done
mkdir -p "build/$1/test/support"
ln -sfn ../../../../test/support/rtsp_server.py "build/$1/test/support/rtsp_server.py"
