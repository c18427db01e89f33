"""Train the detector; stop it at any moment and start it again with the same command.

    ghostcam-train --run models/runs/n --teachers DIR [--weights FILE.pt] [--iterations 10000 …]

A run's folder holds last.pt (everything that resuming needs), weights.pt (the EMA weights, which ship), log.csv and
curves.png. SIGTERM or SIGINT end a run after the iteration in hand. On a CPU, several processes with one thread each
train faster than one with several threads, most of all beside other work; on a GPU use --processes 1.
"""

import argparse
from dataclasses import Field, fields
from pathlib import Path

import torch

from ghostcam_models.common.command_line import command
from ghostcam_models.common.environment import CORES, PREPARED
from ghostcam_models.common.image_size import ImageSize, image_size
from ghostcam_models.model.network import BLOCKS, SCALES, Config
from ghostcam_models.training.run import Run, launch
from ghostcam_models.training.trainer import Settings

CHOICES = {'architecture': BLOCKS, 'scale': SCALES}
"""Settings to what they may be."""


@command
def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog='ghostcam-train', description=__doc__.splitlines()[0])
    parser.add_argument('--run', type=Path, required=True, help='folder of the run; a run in it is resumed')
    parser.add_argument(
        '--prepared', type=Path, default=PREPARED, help='prepared images (default %(default)s)'
    )
    parser.add_argument('--teachers', type=Path, help='folder of the teachers; not needed with --distill 0')
    parser.add_argument(
        '--weights', type=Path, help='checkpoint that a new run begins with (default: from scratch)'
    )
    parser.add_argument(
        '--processes',
        type=int,
        default=1 if torch.cuda.is_available() else CORES,
        help='processes that share each batch (default %(default)s)',
    )
    parser.add_argument(
        '--loaders',
        type=int,
        default=CORES - 1 if torch.cuda.is_available() else 0,
        help='processes that decode the next batches (default %(default)s)',
    )
    parser.add_argument('--log-every', type=int, default=50, help='iterations per line of log.csv')
    parser.add_argument('--save-every', type=int, default=100, help='iterations per last.pt')
    for field in fields(Settings):
        add_setting(parser, field)
    options = parser.parse_args(arguments)
    values = {field.name: getattr(options, field.name) for field in fields(Settings)}
    # Plain tuples, which a checkpoint may hold.
    settings = Settings(**{**values, 'imgsz': tuple(map(tuple, values['imgsz']))})
    step = Config(settings.architecture, settings.scale, ()).step
    for size in values['imgsz']:
        if any(side % step for side in size):
            parser.error(f'--imgsz {ImageSize(*size)}: {settings.architecture} takes multiples of {step}')
    if settings.distill > 0 and options.teachers is None:
        parser.error('--teachers DIR is needed, or --distill 0 for a run without distillation')
    if settings.batch_size % options.processes:
        parser.error(f'--batch-size {settings.batch_size} cannot be shared by {options.processes} processes')
    launch(
        Run(
            folder=options.run,
            prepared=options.prepared,
            teachers=options.teachers,
            weights=options.weights,
            processes=options.processes,
            loaders=options.loaders,
            log_every=options.log_every,
            save_every=options.save_every,
        ),
        settings,
    )


def add_setting(parser: argparse.ArgumentParser, setting: Field) -> None:
    """One option for a field of Settings, of its default's type."""
    flag = '--' + setting.name.replace('_', '-')
    meaning = setting.metadata['help']
    if isinstance(setting.default, bool):
        parser.add_argument(flag, action='store_true', help=meaning)
        return
    if isinstance(setting.default, tuple):
        sizes = ' '.join(str(ImageSize(*size)) for size in setting.default)
        parser.add_argument(
            flag, type=image_size, nargs='+', default=setting.default, help=f'{meaning} (default {sizes})'
        )
        return
    parser.add_argument(
        flag,
        type=type(setting.default),
        choices=CHOICES.get(setting.name),
        default=setting.default,
        help=f'{meaning} (default %(default)s)',
    )


if __name__ == '__main__':
    main()
