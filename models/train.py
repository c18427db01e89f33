"""Train the detector; stop it at any moment and start it again with the same command.

    python -m models.train --run models/runs/n --teachers DIR [--start WEIGHTS] [--iterations 10000 …]

A run's folder holds last.pt (everything that resuming needs), weights.pt (the averaged weights, which ship), log.csv
and curves.png. SIGTERM or SIGINT end a run after the iteration in hand. On a CPU, several processes with one thread
each train faster than one with several threads, most of all beside other work; on a GPU use --workers 1.
"""

import argparse
import csv
import signal
import time
from dataclasses import asdict, fields
from pathlib import Path

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from tqdm import tqdm

from models.bank import Bank
from models.curves import draw_curves
from models.data import CORES, DEFAULT_CACHE
from models.trainer import PARTS, Settings, Trainer

COLUMNS = ('iteration', 'images', 'rate', *PARTS, 'images_per_second')


def main() -> None:
    parser = argparse.ArgumentParser(prog='python -m models.train', description=__doc__.splitlines()[0])
    parser.add_argument('--run', type=Path, required=True, help='folder of the run; a run in it is resumed')
    parser.add_argument(
        '--cache', type=Path, default=DEFAULT_CACHE, help='prepared images (default %(default)s)'
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
    options = parser.parse_args()
    settings = Settings(**{field.name: getattr(options, field.name) for field in fields(Settings)})
    if settings.distil > 0 and options.teachers is None:
        parser.error('--teachers DIR is needed, or --distil 0 for a run without distillation')
    if settings.batch % options.workers:
        parser.error(f'--batch {settings.batch} cannot be shared by {options.workers} workers')
    options.run.mkdir(parents=True, exist_ok=True)
    (options.run / 'meeting').unlink(missing_ok=True)
    if options.workers == 1:
        work(0, 1, options, settings)
    else:
        mp.spawn(work, (options.workers, options, settings), options.workers)


def add_setting(parser: argparse.ArgumentParser, name: str, default: object) -> None:
    """One option per field of Settings, of the default's type."""
    flag = '--' + name.replace('_', '-')
    if isinstance(default, bool):
        parser.add_argument(flag, action='store_true')
    elif isinstance(default, tuple):
        parser.add_argument(flag, type=int, nargs='+', default=default)
    else:
        parser.add_argument(flag, type=type(default), default=default, help='default %(default)s')


def work(rank: int, world: int, options: argparse.Namespace, settings: Settings) -> None:
    """One process of a run; rank 0 writes the files."""
    settings = Settings(**{**asdict(settings), 'sizes': tuple(settings.sizes)})
    device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
    torch.set_num_threads(max(1, CORES // world))
    if world > 1:
        meeting = options.run / 'meeting'
        dist.init_process_group(
            'gloo', init_method=f'file://{meeting.resolve()}', rank=rank, world_size=world
        )
    trainer = Trainer(settings, Bank.load(options.cache, device), options.teachers, device)
    checkpoint = options.run / 'last.pt'
    if checkpoint.exists():
        trainer.resume(checkpoint)
    elif options.start:
        trainer.start_from(options.start)
    run(trainer, options, rank == 0)
    if world > 1:
        dist.destroy_process_group()


def run(trainer: Trainer, options: argparse.Namespace, chief: bool) -> None:
    """Step until the end or a signal, logging and saving at intervals."""
    asked: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: asked.append(received))
    log = Log(options.run / 'log.csv', trainer.iteration) if chief else None
    total = trainer.settings.iterations
    with tqdm(total=total, initial=trainer.iteration, disable=not chief, unit='it', smoothing=0.02) as bar:
        stop = False
        while trainer.iteration < total and not stop:
            parts, stop = trainer.step(bool(asked))
            bar.update()
            if not chief:
                continue
            log.add(parts, trainer.settings.batch)
            ended = stop or trainer.iteration == total
            if ended or trainer.iteration % options.log_every == 0:
                bar.set_postfix_str(log.write(trainer.iteration, trainer.rate()))
            if ended or trainer.iteration % options.save_every == 0:
                trainer.save(options.run / 'last.pt')
                draw_curves(options.run / 'log.csv', options.run / 'curves.png')


class Log:
    """log.csv: means over the iterations since the line before. Lines past the resumed iteration are dropped."""

    def __init__(self, path: Path, iteration: int):
        self.path = path
        kept = []
        if path.exists():
            with open(path, newline='') as file:
                kept = [row for row in csv.DictReader(file) if int(row['iteration']) <= iteration]
        with open(path, 'w', newline='') as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(kept)
        self.images = int(kept[-1]['images']) if kept else 0
        self.clear()

    def clear(self) -> None:
        self.sums = dict.fromkeys(PARTS, 0.0)
        self.count = self.new = 0
        self.since = time.perf_counter()

    def add(self, parts: dict[str, float], images: int) -> None:
        for name, value in parts.items():
            self.sums[name] += value
        self.count += 1
        self.new += images

    def write(self, iteration: int, rate: float) -> str:
        """Append a line; returns it in short."""
        self.images += self.new
        speed = self.new / (time.perf_counter() - self.since)
        means = {name: f'{value / self.count:.4f}' for name, value in self.sums.items()}
        row = {'iteration': iteration, 'images': self.images, 'rate': f'{rate:.6f}', **means}
        with open(self.path, 'a', newline='') as file:
            csv.DictWriter(file, COLUMNS).writerow({**row, 'images_per_second': f'{speed:.1f}'})
        self.clear()
        return f'loss {means["loss"]}, {speed:.0f} images/s'


if __name__ == '__main__':
    main()
