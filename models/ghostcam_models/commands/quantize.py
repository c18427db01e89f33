"""An exported model in INT8: static quantization with scales measured on training images.

    ghostcam-quantize --onnx models/yolov8n-ghostnetv2.onnx --precision u8s8 --data DIR

Convolutions that lose most when they alone are quantized are left in float, more of them until the loss of AP50 is at
most --limit; a model that loses more even so is not written, unless --force is given.
"""

import argparse
from pathlib import Path

from ghostcam_models.common.command_line import command
from ghostcam_models.common.environment import PREPARED
from ghostcam_models.data.prepared_images import PreparedImages
from ghostcam_models.deploy.quantize import ACTIVATIONS, calibration_inputs, mean_ap50, search
from ghostcam_models.inference import manifest


@command
def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog='ghostcam-quantize', description=__doc__.splitlines()[0])
    parser.add_argument('--onnx', type=Path, required=True, help='the float model, its manifest beside it')
    parser.add_argument('--precision', choices=ACTIVATIONS, required=True)
    parser.add_argument('--data', type=Path, required=True, help='folder of the image sets, for measuring')
    parser.add_argument(
        '--prepared', type=Path, default=PREPARED, help='prepared images (default %(default)s)'
    )
    parser.add_argument(
        '--images', type=int, default=128, help='images to calibrate with (default %(default)s)'
    )
    parser.add_argument('--sets', nargs='+', help='measure on these validation sets only')
    parser.add_argument(
        '--limit', type=float, default=1.0, help='AP50 points that may be lost (default %(default)s)'
    )
    parser.add_argument('--force', action='store_true', help='write the model whatever it loses')
    options = parser.parse_args(arguments)
    target = options.onnx.with_name(f'{options.onnx.stem}-int8-{options.precision}.onnx')
    prepared = PreparedImages(options.prepared)
    inputs = calibration_inputs(prepared, manifest.read(options.onnx), options.images)

    def measure(path: Path) -> float:
        return mean_ap50(path, options.data, options.sets)

    search(options.onnx, target, options.precision, inputs, measure, options.limit, options.force)
    print(target)


if __name__ == '__main__':
    main()
