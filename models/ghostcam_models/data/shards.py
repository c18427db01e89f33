"""Prepared images on disk: compressed, in shards, each with its tables.

A shard is NAME-000.jpegs, the images one after the other, and NAME-000.npz, a row per image; NAME-000.seen.npz, made
later, holds what a teacher saw in them.
"""

import io
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from ghostcam_models.data.duplicates import DETAILS_SIZE, THUMBNAIL_SIZE

JPEG_QUALITY = 88
"""About 40 kB an image at a long side of 512 pixels."""


def encode(image: Image.Image, side: int) -> bytes:
    """The image as JPEG, its long side at most side pixels."""
    longest = max(image.size)
    if longest > side:
        size = tuple(max(1, round(length * side / longest)) for length in image.size)
        image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    buffer = io.BytesIO()
    image.save(buffer, 'JPEG', quality=JPEG_QUALITY)
    return buffer.getvalue()


@dataclass
class Draft:
    """A shard while it is made; one entry per image in each list.

    labels are [n, 5] of class and corners in pixels, prints and details those of duplicates.py, digests of the files.
    """

    encoded: list[bytes] = field(default_factory=list)
    sizes: list[tuple[int, int]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    views: list[int] = field(default_factory=list)
    prints: list[np.ndarray] = field(default_factory=list)
    details: list[np.ndarray] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)
    labels: list[np.ndarray] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.encoded)

    def write(self, stem: Path, **facts: object) -> None:
        """Write both files; the table last, so that an unfinished shard is never read."""
        stem.parent.mkdir(parents=True, exist_ok=True)
        stem.with_suffix('.jpegs').write_bytes(b''.join(self.encoded))
        replace(
            stem.with_suffix('.npz'),
            ends=np.cumsum([len(content) for content in self.encoded], dtype=np.int64),
            sizes=np.array(self.sizes, np.int32).reshape(-1, 2),
            paths=np.array(self.paths, str),
            views=np.array(self.views, np.int64),
            prints=np.array(self.prints, np.float32).reshape(-1, THUMBNAIL_SIZE * THUMBNAIL_SIZE),
            details=np.array(self.details, np.int8).reshape(-1, DETAILS_SIZE * DETAILS_SIZE),
            digests=np.array(self.digests, str),
            labels=np.concatenate([*self.labels, np.zeros((0, 5), np.float32)]),
            counts=np.array([len(rows) for rows in self.labels], np.int64),
            facts=np.array(json.dumps(facts)),
        )


def replace(path: Path, **arrays: np.ndarray) -> None:
    """Write an .npz whole or not at all."""
    unfinished = path.with_suffix('.part.npz')
    np.savez(unfinished, **arrays)
    os.replace(unfinished, path)


class Shard:
    """A finished shard: its table's columns as attributes, and its images."""

    def __init__(self, table: Path):
        self.table = table
        self.source, self.number = table.stem.rsplit('-', 1)
        with np.load(table) as columns:
            self.ends, self.sizes, self.views = columns['ends'], columns['sizes'], columns['views']
            self.paths, self.prints = columns['paths'].tolist(), columns['prints']
            self.details, self.digests = columns['details'], columns['digests'].tolist()
            self.labels = split(columns['labels'], columns['counts'])
            self.facts = json.loads(str(columns['facts']))
        self.starts = np.concatenate((np.zeros(1, np.int64), self.ends[:-1]))

    def __len__(self) -> int:
        return len(self.ends)

    @property
    def images(self) -> Path:
        """The file of its images."""
        return self.table.with_suffix('.jpegs')

    @property
    def seen(self) -> Path:
        """The file of what a teacher saw in them."""
        return self.table.with_suffix('.seen.npz')

    def encoded(self, indices: list[int]) -> list[bytes]:
        """The JPEGs of some of its images."""
        with open(self.images, 'rb') as file:
            return [
                os.pread(file.fileno(), int(self.ends[i] - self.starts[i]), int(self.starts[i]))
                for i in indices
            ]


def shards_of(folder: Path, source: str) -> list[Shard]:
    """The finished shards of a source, in order."""
    numbered = (folder / f'{source}-{number:03}.npz' for number in range(1000))
    shards = []
    for table in numbered:
        if not table.exists():
            break
        shards.append(Shard(table))
    return shards


def split(rows: np.ndarray, counts: np.ndarray) -> list[np.ndarray]:
    """Concatenated rows back to one array per image."""
    return np.split(rows, np.cumsum(counts)[:-1]) if len(counts) else []


def pixels(encoded: bytes) -> np.ndarray:
    """RGB uint8 [H, W, 3]."""
    return np.asarray(Image.open(io.BytesIO(encoded)).convert('RGB'))
