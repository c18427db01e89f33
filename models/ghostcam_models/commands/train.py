"""Train the detector; stop it at any moment and start it again with the same command.

    ghostcam-train --run models/runs/n --teachers DIR [--start WEIGHTS] [--iterations 10000 …]

A run's folder holds last.pt (everything that resuming needs), weights.pt (the averaged weights, which ship), log.csv
and curves.png. SIGTERM or SIGINT end a run after the iteration in hand. On a CPU, several processes with one thread
each train faster than one with several threads, most of all beside other work; on a GPU use --workers 1.
"""

import argparse
from dataclasses import fields
from pathlib import Path

import torch

from ghostcam_models.common.environment import CORES, PREPARED
from ghostcam_models.training.run import Run, launch
from ghostcam_models.training.trainer import Settings


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog='ghostcam-train', description=__doc__.splitlines()[0])
    parser.add_argument('--run', type=Path, required=True, help='folder of the run; a run in it is resumed')
    parser.add_argument(
        '--prepared', type=Path, default=PREPARED, help='prepared images (default %(default)s)'
    )
    parser.add_argument('--teachers', type=Path, help='folder of the teachers; not needed with --distil 0')
    parser.add_argument(
        '--start', type=Path, help='weights that a new run begins with (default: from scratch)'
    )
    parser.add_argument('--workers', type=int, default=1 if torch.cuda.is_available() else CORES)
    parser.add_argument('--log-every', type=int, default=50, help='iterations per line of log.csv')
    parser.add_argument('--save-every', type=int, default=100, help='iterations per last.pt')
    for field in fields(Settings):
        add_setting(parser, field.name, field.default)
    options = parser.parse_args(arguments)
    values = {field.name: getattr(options, field.name) for field in fields(Settings)}
    settings = Settings(**{**values, 'sizes': tuple(values['sizes'])})
    if settings.distil > 0 and options.teachers is None:
        parser.error('--teachers DIR is needed, or --distil 0 for a run without distillation')
    if settings.batch % options.workers:
        parser.error(f'--batch {settings.batch} cannot be shared by {options.workers} workers')
    launch(
        Run(
            folder=options.run,
            prepared=options.prepared,
            teachers=options.teachers,
            start=options.start,
            workers=options.workers,
            log_every=options.log_every,
            save_every=options.save_every,
        ),
        settings,
    )


def add_setting(parser: argparse.ArgumentParser, name: str, default: object) -> None:
    """One option per field of Settings, of the default's type."""
    flag = '--' + name.replace('_', '-')
    if isinstance(default, bool):
        parser.add_argument(flag, action='store_true')
    elif isinstance(default, tuple):
        parser.add_argument(flag, type=int, nargs='+', default=default)
    else:
        parser.add_argument(flag, type=type(default), default=default, help='default %(default)s')


if __name__ == '__main__':
    main()
