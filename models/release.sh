#!/bin/sh
# Makes again, from the weights, every model file that ghostcam ships, and the detections its tests compare with.
set -eu
cd "$(dirname "$0")/.."
python=models/.venv/bin/python
weights=models/weights/yolov8n-ghostnetv2.pt
model=models/yolov8n-ghostnetv2-320

models/setup.sh >/dev/null
$python -m models.export --weights $weights --imgsz 320
mkdir -p test/fixtures/reference
$python -m models.reference $model.onnx --weights $weights test/fixtures/photos/*.png \
  >test/fixtures/reference/yolov8n-ghostnetv2-320.jsonl
