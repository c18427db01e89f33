"""A training log as a picture."""

import csv
from pathlib import Path

import matplotlib

matplotlib.use('Agg')
import matplotlib.pyplot as plt

PANELS = ('loss', 'box', 'cls', 'dfl', 'distil', 'rate')


def draw_curves(log: Path, picture: Path) -> None:
    """Draw the columns of log.csv over the images seen, one panel each."""
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
