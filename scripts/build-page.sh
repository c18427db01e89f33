#!/bin/sh
# Compiles the page's TypeScript for browsers into dist/web/page, beside its HTML, style and icon.
set -eu
cd "$(dirname "$0")/.."
rm -rf build/page
npx tsc -p src/web/page
mkdir -p dist/web/page
# Types of the daemon are compiled with the page; it loads none of what they lie in.
cp build/page/web/page/*.js src/web/page/*.html src/web/page/*.css src/web/page/*.svg src/web/page/*.webmanifest dist/web/page/
rm -rf build/page
