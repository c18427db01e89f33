"""A training run in its folder: processes, the loop, the log, and what is saved when.

The folder holds last.pt (everything that resuming needs), weights.pt (the averaged weights, which ship), log.csv and
curves.png.
"""

import csv
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from tqdm import tqdm

from ghostcam_models.common.environment import CORES
from ghostcam_models.data.bank import Bank
from ghostcam_models.training.curves import draw_curves
from ghostcam_models.training.trainer import PARTS, Settings, Trainer

COLUMNS = ('iteration', 'images', 'rate', *PARTS, 'images_per_second')


@dataclass(frozen=True)
class Run:
    """Where a run lies and how it is carried out: nothing of this changes its weights.

    start: weights that a new run begins with. workers: processes that share each batch. log_every and save_every
    count iterations.
    """

    folder: Path
    prepared: Path
    teachers: Path | None
    start: Path | None
    workers: int
    log_every: int
    save_every: int


def launch(run: Run, settings: Settings) -> None:
    """Train until the end or a signal, in run.workers processes."""
    run.folder.mkdir(parents=True, exist_ok=True)
    (run.folder / 'meeting').unlink(missing_ok=True)
    if run.workers == 1:
        work(0, run, settings)
    else:
        mp.spawn(work, (run, settings), run.workers)


def work(rank: int, run: Run, settings: Settings) -> None:
    """One process of a run; rank 0 writes the files."""
    world = run.workers
    device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
    torch.set_num_threads(max(1, CORES // world))
    if world > 1:
        meeting = run.folder / 'meeting'
        dist.init_process_group(
            'gloo', init_method=f'file://{meeting.resolve()}', rank=rank, world_size=world
        )
    trainer = Trainer(settings, Bank.load(run.prepared, device), run.teachers, device)
    checkpoint = run.folder / 'last.pt'
    if checkpoint.exists():
        trainer.resume(checkpoint)
    elif run.start:
        trainer.start_from(run.start)
    loop(trainer, run, rank == 0)
    if world > 1:
        dist.destroy_process_group()


def loop(trainer: Trainer, run: Run, chief: bool) -> None:
    """Step until the end or a signal, logging and saving at intervals."""
    asked: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: asked.append(received))
    log = Log(run.folder / 'log.csv', trainer.iteration) if chief else None
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
            if ended or trainer.iteration % run.log_every == 0:
                bar.set_postfix_str(log.write(trainer.iteration, trainer.rate()))
            if ended or trainer.iteration % run.save_every == 0:
                trainer.save(run.folder / 'last.pt')
                draw_curves(run.folder / 'log.csv', run.folder / 'curves.png')


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
