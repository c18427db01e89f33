"""Prepare the training images: label with teachers, merge, drop copies of validation images, decode, and store.

    ghostcam-prepare --data DIR --teachers DIR [--prepared DIR]

--data holds the image sets (ghostcam_models/data/sets.py), --teachers the teachers (ghostcam_models/teachers/zoo.py).
Everything made goes to --prepared; what the teachers saw is kept there per set, so that a second run costs only the
decoding.
"""

import argparse
from pathlib import Path

from ghostcam_models.common.command_line import command
from ghostcam_models.common.environment import CORES, PREPARED
from ghostcam_models.data.prepare import prepare


@command
def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog='ghostcam-prepare', description=__doc__.splitlines()[0])
    parser.add_argument('--data', type=Path, required=True, help='folder of the image sets and sets.json')
    parser.add_argument('--teachers', type=Path, required=True, help="folder of the teachers' .onnx files")
    parser.add_argument(
        '--prepared', type=Path, default=PREPARED, help='folder to write to (default %(default)s)'
    )
    parser.add_argument('--workers', type=int, default=CORES, help='processes for the teachers')
    options = parser.parse_args(arguments)
    prepare(options.data, options.teachers, options.prepared, options.workers)


if __name__ == '__main__':
    main()
