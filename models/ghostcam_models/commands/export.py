"""PyTorch to ONNX: `ghostcam-export --weights FILE`, or `--arch A --scale S` for random weights.

Every file is run in ONNX Runtime and compared with the network as it was trained, in PyTorch, before it takes its
name; its manifest goes beside it.
"""

import argparse
import sys
from pathlib import Path

import torch

from ghostcam_models.common.environment import MODELS
from ghostcam_models.common.labels import NAMES
from ghostcam_models.deploy.export import TOLERANCE, ExportError, export
from ghostcam_models.model.network import ACTIVATIONS, BLOCKS, SCALES, Config, Network, load
from ghostcam_models.model.rewrite import REWRITES


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog='ghostcam-export', description=__doc__)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument('--weights', type=Path, help='a checkpoint of this project')
    source.add_argument('--arch', choices=BLOCKS, help='random weights: the architecture')
    parser.add_argument('--scale', choices=SCALES, default='n', help='with --arch')
    parser.add_argument(
        '--labels', default=','.join(NAMES), help='with --arch: class names, with commas between'
    )
    parser.add_argument('--activation', choices=ACTIVATIONS, default='silu', help='with --arch')
    parser.add_argument(
        '--imgsz', type=int, nargs='+', default=[320], help='side of the square input in pixels'
    )
    parser.add_argument('--out', type=Path, default=MODELS, help='folder of the files')
    parser.add_argument('--tolerance', type=float, default=TOLERANCE, help='largest difference of a logit')
    parser.add_argument(
        '--rewrites',
        choices=REWRITES,
        nargs='*',
        default=tuple(REWRITES),
        help='to measure each of them: only these, none where none is named (default: all)',
    )
    options = parser.parse_args(arguments)

    if options.weights:
        network = load(options.weights)
    else:
        torch.manual_seed(0)
        network = Network(
            Config(options.arch, options.scale, tuple(options.labels.split(',')), options.activation)
        ).eval()
    options.out.mkdir(parents=True, exist_ok=True)
    try:
        for size in options.imgsz:
            print(export(network, size, options.out, options.tolerance, tuple(options.rewrites)))
    except ExportError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
