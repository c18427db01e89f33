"""The table of all prepared images, which training draws from: `assemble` writes it, `PreparedImages` reads it."""

import io
import os
from pathlib import Path

import numpy as np
from PIL import Image

from ghostcam_models.common.command_line import UserError
from ghostcam_models.common.labels import CLASS_NAMES
from ghostcam_models.data.hold_out import HeldOut
from ghostcam_models.data.merge import IGNORE, OBJECT, Labelling, merge
from ghostcam_models.data.pseudo_labels import seen
from ghostcam_models.data.shards import replace, shards_of, split
from ghostcam_models.data.sources import Source

PAD_VALUE = 114
"""Value of pixels outside an image, in training as in the daemon's letterbox."""

TABLE = 'prepared.npz'
"""Name of the table in the prepared folder."""

RARE_FRACTION = 0.1
"""A class in a smaller part of the images is drawn more often, by the square root of what it lacks (repeat factor
sampling: Gupta et al., LVIS, arXiv 1908.03195)."""

MAX_REPEAT = 4.0
"""The most by which a rare class is drawn more often."""

EMPTY_WEIGHT = 1.0
"""How often an image without objects is drawn."""


class PreparedImages:
    """All images of a prepared folder, compressed on disk and decoded when they are drawn.

    sizes int [N, 2] are widths and heights; weights float [N] say how often to draw each; sets names each one's source.
    """

    def __init__(self, folder: Path):
        path = folder / TABLE
        if not path.exists():
            raise UserError(f'{folder}: no prepared images; run ghostcam-prepare first')
        with np.load(path) as table:
            self.sizes, self.weights = table['sizes'], table['weights']
            self.boxes = split(table['rows'], table['counts'])
            self.shards, self.starts, self.lengths = table['shards'], table['starts'], table['lengths']
            self.sets = table['sets'].tolist()
            self.files = [os.open(folder / name, os.O_RDONLY) for name in table['files'].tolist()]
        self.chances = np.cumsum(self.weights / self.weights.sum())

    def __len__(self) -> int:
        return len(self.sizes)

    def rows(self, index: int) -> np.ndarray:
        """Boxes [n, 6] of class, corners in pixels, kind (1 object, 0 ignore)."""
        return self.boxes[index]

    def open(self, index: int) -> Image.Image:
        """The image, not decoded yet: its `draft` makes decoding at a half or a quarter of its size cheap."""
        content = os.pread(self.files[self.shards[index]], int(self.lengths[index]), int(self.starts[index]))
        return Image.open(io.BytesIO(content))

    def draw(self, random: np.random.Generator, count: int) -> np.ndarray:
        """Indices [count], by weight, with replacement."""
        return np.minimum(np.searchsorted(self.chances, random.random(count)), len(self) - 1)


def assemble(sources: list[Source], folder: Path) -> None:
    """Join all shards that a teacher has labelled into the table, and print what is in it."""
    rows, sizes, sets, weights, shards, starts, lengths, files = [], [], [], [], [], [], [], []
    held_out = HeldOut(folder)
    for source in sources:
        labelling = Labelling.of(source)
        first = len(rows)
        for shard in shards_of(folder, source.name):
            if not shard.seen.exists():
                continue
            found = seen(shard)
            for i in range(len(shard)):
                if held_out.holds(source, shard, i, found[i]):
                    continue
                rows.append(merge(labelling, shard.labels[i], [found[i]]))
                sizes.append(shard.sizes[i])
                sets.append(source.name)
                weights.append(source.weight)
                shards.append(len(files))
                starts.append(shard.starts[i])
                lengths.append(shard.ends[i] - shard.starts[i])
            files.append(shard.images.name)
        if len(rows) > first:
            print(f'{source.name}: {describe(rows[first:])}', flush=True)
    if not rows:
        raise UserError(f'{folder}: no shard is complete yet')
    print(f'all: {describe(rows)}', flush=True)
    replace(
        folder / TABLE,
        rows=np.concatenate(rows),
        counts=np.array([len(r) for r in rows]),
        sizes=np.array(sizes),
        sets=np.array(sets),
        weights=sampling_weights(rows, np.array(weights)),
        shards=np.array(shards),
        starts=np.array(starts),
        lengths=np.array(lengths),
        files=np.array(files),
    )


def sampling_weights(rows: list[np.ndarray], weights: np.ndarray) -> np.ndarray:
    """How often each image is drawn [N]: by its source, more for its rarest class, less when nothing is in it."""
    present = np.zeros((len(rows), len(CLASS_NAMES)), bool)
    for flags, image in zip(present, rows, strict=True):
        flags[image[image[:, 5] == OBJECT, 0].astype(int)] = True
    rarity = np.clip(np.sqrt(RARE_FRACTION / np.maximum(present.mean(0), 1e-6)), 1, MAX_REPEAT)
    return weights * np.where(present.any(1), (present * rarity).max(1), EMPTY_WEIGHT)


def describe(rows: list[np.ndarray]) -> str:
    """Images, objects per class and ignore regions, in words."""
    every = np.concatenate(rows)
    counts = np.bincount(every[every[:, 5] == OBJECT, 0].astype(int), minlength=len(CLASS_NAMES))
    objects = ' '.join(f'{name} {count}' for name, count in zip(CLASS_NAMES, counts, strict=True) if count)
    return f'{len(rows)} images; {objects or "no objects"}; ignored {int((every[:, 5] == IGNORE).sum())}'
