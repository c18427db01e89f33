"""A training run in its folder: processes, the loop, and what is logged and saved when.

The folder holds last.pt (everything that resuming needs), weights.pt (the EMA weights, which ship), log.csv and
curves.png.
"""

import signal
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from tqdm import tqdm

from ghostcam_models.common.environment import CORES
from ghostcam_models.data.prepared_images import PreparedImages
from ghostcam_models.training.log import Log, draw_curves
from ghostcam_models.training.resident import ResidentImages
from ghostcam_models.training.trainer import Settings, Trainer

RENDEZVOUS = 'rendezvous'
"""Name of the file in the run's folder through which its processes find each other."""


@dataclass(frozen=True)
class Run:
    """Where a run lies and how it is carried out.

    weights: checkpoint that a new run begins with (None: from scratch). processes share each batch; loaders
    are the processes beside each of them that draw its next batches (0: it draws them itself). log_every and
    save_every count iterations.
    """

    folder: Path
    prepared: Path
    teachers: Path | None
    weights: Path | None
    processes: int
    loaders: int
    log_every: int
    save_every: int


def launch(run: Run, settings: Settings) -> None:
    """Train until the end or a signal; a run that its folder already holds is resumed."""
    run.folder.mkdir(parents=True, exist_ok=True)
    (run.folder / RENDEZVOUS).unlink(missing_ok=True)
    if run.processes == 1:
        train(0, run, settings)
    else:
        mp.spawn(train, (run, settings), run.processes)


def train(rank: int, run: Run, settings: Settings) -> None:
    """One process of a run; rank 0 writes the files."""
    device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
    torch.set_num_threads(max(1, CORES // run.processes))
    if run.processes > 1:
        dist.init_process_group(
            'gloo',
            init_method=f'file://{(run.folder / RENDEZVOUS).resolve()}',
            rank=rank,
            world_size=run.processes,
        )
    prepared = PreparedImages(run.prepared)
    resident = ResidentImages(prepared, device) if device.type != 'cpu' else None
    trainer = Trainer(settings, prepared, run.teachers, device, run.loaders, resident=resident)
    checkpoint = run.folder / 'last.pt'
    if checkpoint.exists():
        trainer.resume(checkpoint)
    elif run.weights:
        trainer.load_weights(run.weights)
    loop(trainer, run, is_main=rank == 0)
    if run.processes > 1:
        dist.destroy_process_group()


def loop(trainer: Trainer, run: Run, is_main: bool) -> None:
    """Step until the end, or until SIGTERM or SIGINT asks any process to stop; the main process logs and saves."""
    signals: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: signals.append(received))
    log = Log(run.folder / 'log.csv', trainer.iteration, run.processes) if is_main else None
    total = trainer.settings.iterations
    with tqdm(total=total, initial=trainer.iteration, disable=not is_main, unit='it', smoothing=0.02) as bar:
        stop = False
        while trainer.iteration < total and not stop:
            values, stop = trainer.step(bool(signals))
            bar.update()
            if not is_main:
                continue
            log.add(values, trainer.settings.batch_size)
            ended = stop or trainer.iteration == total
            if ended or trainer.iteration % run.log_every == 0:
                bar.set_postfix_str(log.write(trainer.iteration, trainer.lr()))
            if ended or trainer.iteration % run.save_every == 0:
                trainer.save(run.folder / 'last.pt')
                draw_curves(run.folder / 'log.csv', run.folder / 'curves.png')
