"""Average the weights of several runs that began with the same ones: `ghostcam-soup OUT.pt A.pt B.pt`."""

import argparse
from pathlib import Path

from ghostcam_models.common.command_line import command
from ghostcam_models.model.network import load, save
from ghostcam_models.training.soup import average


@command
def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog='ghostcam-soup', description=__doc__.splitlines()[0])
    parser.add_argument('out', type=Path, help='checkpoint to write')
    parser.add_argument('weights', type=Path, nargs='+', help='checkpoints of one beginning')
    options = parser.parse_args(arguments)
    save(average([load(path) for path in options.weights]), options.out)


if __name__ == '__main__':
    main()
