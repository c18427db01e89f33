#!/bin/sh
# How many millions of instructions an arm64 processor executes for one frame, by stage, model, library and provider. It is a proxy
# for speed where there is no board: it knows nothing of caches, of memory, or of how many instructions a processor does at once.
# Prints a table in Markdown.
# Usage: sudo npm run bench:instructions   (root for a mount of its own; Debian 12, whose qemu-user takes plugins)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$here/../../..
sh "$top/scripts/apt-install.sh" qemu-user gcc g++-aarch64-linux-gnu ffmpeg
root=$(sh "$here/../root.sh" trixie arm64 board)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
gcc -O2 -Wall -Wextra -shared -fPIC -o "$work/counter.so" "$here/counter.c"
cd "$top/native"
aarch64-linux-gnu-g++ -std=c++17 -O3 -Wall -Wextra -pthread -I. -o "$work/stages" "$here/stages.cc" \
  image/color.cc image/letterbox.cc image/pixel_kernels.cc image/resample.cc detection/decode.cc detection/nms.cc onnxruntime/*.cc \
  -ldl
ffmpeg -loglevel error -i "$top/assets/demo/footage.mp4" -frames:v 1 -pix_fmt yuv420p -f rawvideo "$work/frame.yuv"
unshare --mount nice -n 10 node "$here/count.mjs" "$root" "$work"
