#!/bin/sh
# Makes again, from the weights, every model file that ghostcam ships, and the detections its tests compare with:
#
#   models/release.sh DATA [PREPARED]
#
# DATA is the folder of the image sets, PREPARED what `ghostcam-prepare` made of them (default: its default). The
# INT8 forms are calibrated and measured on them; where one loses more than .6 points of AP50, which leaves other pictures a
# point, this stops there.
set -eu
if [ $# -lt 1 ] || [ $# -gt 2 ]; then
  echo "usage: models/release.sh DATA [PREPARED]" >&2
  exit 2
fi
data=$(realpath "$1")
prepared=$(realpath "${2:-${GHOSTCAM_PREPARED:-$(dirname "$0")/.cache}}")
cd "$(dirname "$0")/.."
bin=models/.venv/bin
name=yolov8n-ghostnetv2
weights=models/weights/$name.pt

models/setup.sh >/dev/null
$bin/ghostcam-export --weights $weights
for precision in u8s8 s8s8; do
  $bin/ghostcam-quantize --onnx models/$name.onnx --precision $precision \
    --data "$data" --prepared "$prepared" --images 96 --sets highway40 capston2_person --limit 0.6
done
mkdir -p test/fixtures/reference
$bin/ghostcam-reference models/$name.onnx --imgsz 320 --weights $weights test/fixtures/photos/*.png \
  >test/fixtures/reference/$name-320.jsonl
