"""The log of a training run, log.csv, and its picture."""

import csv
import time
from pathlib import Path

import matplotlib
import torch

matplotlib.use('Agg')
import matplotlib.pyplot as plt

from ghostcam_models.training.trainer import LOGGED

COLUMNS = ('iteration', 'images', 'lr', *LOGGED, 'images_per_second', 'cpu_ms_per_image')
PANELS = ('loss', 'box', 'cls', 'dfl', 'distill', 'lr')


class Log:
    """log.csv: means over the iterations since the row before. Rows past the resumed iteration are dropped.

    images_per_second is of all processes and the clock on the wall, cpu_ms_per_image of all threads of this process and
    its own part of the images, whatever else the machine does.
    """

    def __init__(self, path: Path, iteration: int, processes: int):
        self.path = path
        self.processes = processes
        kept = []
        if path.exists():
            with open(path, newline='') as file:
                kept = [row for row in csv.DictReader(file) if int(row['iteration']) <= iteration]
        with open(path, 'w', newline='') as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(kept)
        self.images = int(kept[-1]['images']) if kept else 0
        self._clear()

    def _clear(self) -> None:
        self.sums: dict[str, torch.Tensor | float] = dict.fromkeys(LOGGED, 0.0)
        self.iterations = self.new_images = 0
        self.since, self.cpu_since = time.perf_counter(), time.process_time()

    def add(self, values: dict[str, torch.Tensor], images: int) -> None:
        """Count one iteration: its values by the names in LOGGED, and how many images it took.

        The sums stay on the device until a row is written: to read a number there is to wait for all that is queued.
        """
        for name, value in values.items():
            self.sums[name] = self.sums[name] + value
        self.iterations += 1
        self.new_images += images

    def write(self, iteration: int, lr: float) -> str:
        """Append a row; returns it in short."""
        self.images += self.new_images
        sums = {name: float(value) for name, value in self.sums.items()}
        speed = self.new_images / (time.perf_counter() - self.since)
        cpu = 1000 * (time.process_time() - self.cpu_since) * self.processes / self.new_images
        means = {name: f'{value / self.iterations:.4f}' for name, value in sums.items()}
        row = {'iteration': iteration, 'images': self.images, 'lr': f'{lr:.6f}', **means}
        with open(self.path, 'a', newline='') as file:
            csv.DictWriter(file, COLUMNS).writerow(
                {**row, 'images_per_second': f'{speed:.1f}', 'cpu_ms_per_image': f'{cpu:.1f}'}
            )
        self._clear()
        return f'loss {means["loss"]}, {speed:.0f} images/s'


def draw_curves(log: Path, picture: Path) -> None:
    """Draw the columns of log.csv named in PANELS over the images seen, one panel each."""
    with open(log, newline='') as file:
        rows = list(csv.DictReader(file))
    images = [int(row['images']) / 1000 for row in rows]
    figure, panels = plt.subplots(2, 3, figsize=(11, 6), layout='constrained')
    for panel, name in zip(panels.flat, PANELS, strict=True):
        panel.plot(images, [float(row[name]) for row in rows], linewidth=1)
        panel.set_title(name)
        panel.set_xlabel('thousand images')
        panel.grid(alpha=0.3)
    figure.savefig(picture, dpi=90)
    plt.close(figure)
