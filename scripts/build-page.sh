#!/bin/sh
# Compiles the page's TypeScript for browsers into dist/web/page, beside its HTML, style and icon.
set -eu
cd "$(dirname "$0")/.."
rm -rf build/page
npx tsc -p src/web/page
mkdir -p dist/web/page
# Types of the daemon are compiled with the page; it loads none of what they lie in.
cp build/page/web/page/*.js src/web/page/*.css src/web/page/*.svg src/web/page/*.webmanifest dist/web/page/
rm -rf build/page
# A browser learns of modules one import after the other: told of all at once, it asks for them at once.
preloads=
for module in dist/web/page/*.js; do
  preloads="$preloads    <link rel=\"modulepreload\" href=\"${module##*/}\">\n"
done
sed "s|^    <script type=\"module\"|$preloads&|" src/web/page/index.html > dist/web/page/index.html
