#!/bin/sh
# Compiles the fuzzer into build/fuzz, with links to what the program looks for beside its own folder.
set -eu
cd "$(dirname "$0")/../.."
npm run --silent build:ts
npx tsc -p test/fuzz/tsconfig.json
for name in assets dist lib models package.json; do ln -sfn "../../$name" "build/fuzz/$name"; done
