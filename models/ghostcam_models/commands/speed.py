"""Print what an image of training costs on this machine, by setting.

    ghostcam-speed --prepared DIR --teachers DIR [--imgsz 320 256 448] [--batch-size 8] [--rounds 5]

One iteration of each setting in turn: processor time, which other work changes little, and ratios to the first row.
"""

import argparse
from pathlib import Path

import torch

from ghostcam_models.common.command_line import command
from ghostcam_models.common.environment import PREPARED
from ghostcam_models.common.image_size import image_size
from ghostcam_models.data.prepared_images import PreparedImages
from ghostcam_models.training.speed import measure, report, variants
from ghostcam_models.training.trainer import Settings


@command
def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog='ghostcam-speed', description=__doc__.splitlines()[0])
    parser.add_argument(
        '--prepared', type=Path, default=PREPARED, help='prepared images (default %(default)s)'
    )
    parser.add_argument('--teachers', type=Path, required=True, help='folder of the teachers')
    parser.add_argument(
        '--imgsz',
        type=image_size,
        nargs='+',
        default=((320, 320), (256, 256), (320, 192), (448, 448)),
        help='side or WIDTHxHEIGHT of the input; the first is what the others are compared with (default 320 256 320x192 448)',
    )
    parser.add_argument(
        '--batch-size', type=int, default=8, help='images of an iteration (default %(default)s)'
    )
    parser.add_argument('--rounds', type=int, default=5, help='iterations of each (default %(default)s)')
    options = parser.parse_args(arguments)
    settings = Settings(imgsz=tuple(map(tuple, options.imgsz)), batch_size=options.batch_size)
    device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
    compared = variants(settings, PreparedImages(options.prepared), options.teachers, device)
    measure(compared, options.rounds)
    print(report(compared, options.batch_size))


if __name__ == '__main__':
    main()
