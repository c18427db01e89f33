"""Print detections as `ghostcam detect --json` does, from the plain reference: `ghostcam-reference MODEL.onnx IMAGE…`.

ONNX Runtime computes the network, or with --weights CHECKPOINT PyTorch. Nothing here is fast.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from PIL import Image

from ghostcam_models.common.command_line import command
from ghostcam_models.common.image_size import model_size
from ghostcam_models.inference import manifest
from ghostcam_models.inference.reference import detect, onnx_run, report, torch_run


@command
def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog='ghostcam-reference', description=__doc__)
    parser.add_argument('model', type=Path, help='an ONNX file with its manifest beside it')
    parser.add_argument('images', type=Path, nargs='+')
    parser.add_argument('--weights', type=Path, help='compute with PyTorch, from this checkpoint')
    parser.add_argument(
        '--imgsz', type=model_size, help='size of the model, as in MODEL: 320 or 448x256 (default: its first)'
    )
    parser.add_argument('--score', type=float, default=0.05, help='print detections above this score')
    options = parser.parse_args(arguments)
    model = manifest.read(options.model)
    if options.imgsz:
        model = manifest.at_size(model, options.imgsz)
    run = torch_run(options.weights) if options.weights else onnx_run(options.model)
    for path in options.images:
        picture = np.asarray(Image.open(path).convert('RGB'))
        rows = detect(run, model, picture, options.score)
        print(json.dumps(report(path, picture, rows, model.labels)))


if __name__ == '__main__':
    main()
