"""PyTorch to ONNX: `ghostcam-export --weights FILE`, or `--arch A --scale S` for random weights.

Every file is run in ONNX Runtime and compared with the network as it was trained, in PyTorch, before it takes its
name; its manifest goes beside it.
"""

import argparse
from pathlib import Path

import torch

from ghostcam_models.common.command_line import command
from ghostcam_models.common.environment import MODELS
from ghostcam_models.common.image_size import image_size
from ghostcam_models.common.labels import CLASS_NAMES
from ghostcam_models.deploy.export import TOLERANCE, export
from ghostcam_models.model.network import ACTIVATIONS, BLOCKS, SCALES, Config, Network, load
from ghostcam_models.model.rewrite import REWRITES


@command
def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog='ghostcam-export', description=__doc__)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument('--weights', type=Path, help='a checkpoint of this project')
    source.add_argument('--arch', choices=BLOCKS, help='random weights: the architecture')
    parser.add_argument('--scale', choices=SCALES, default='n', help='with --arch')
    parser.add_argument(
        '--labels', default=','.join(CLASS_NAMES), help='with --arch: class names, with commas between'
    )
    parser.add_argument('--activation', choices=ACTIVATIONS, default='silu', help='with --arch')
    parser.add_argument(
        '--imgsz',
        type=image_size,
        nargs='+',
        default=[None],
        help='a file for each of these sizes of the input alone, in pixels: WIDTHxHEIGHT, or the side of a square (default: one file '
        'for all sizes)',
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
    for size in options.imgsz:
        print(export(network, size, options.out, options.tolerance, tuple(options.rewrites)))


if __name__ == '__main__':
    main()
