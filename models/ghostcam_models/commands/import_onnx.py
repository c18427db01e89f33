"""Bring a YOLOv8 trained elsewhere: `ghostcam-import FILE.onnx` writes its manifest beside it.

For the usual layout: one output [1, 4 + nc, A] of decoded boxes (cx, cy, w, h in input pixels) and scores. Class
names come from the file's metadata where the exporter left them (`names`), or from --labels.
"""

import argparse
from pathlib import Path

from ghostcam_models.common.command_line import command
from ghostcam_models.deploy.import_onnx import describe
from ghostcam_models.inference import manifest


@command
def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog='ghostcam-import', description=__doc__)
    parser.add_argument('model', type=Path)
    parser.add_argument('--labels', help='class names with commas between, in the order of the outputs')
    options = parser.parse_args(arguments)
    described = describe(options.model, tuple(options.labels.split(',')) if options.labels else None)
    print(manifest.write(options.model, described))


if __name__ == '__main__':
    main()
