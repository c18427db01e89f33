"""The batches of a run, one for each iteration, drawn in the training process or in others beside it."""

from dataclasses import dataclass

import numpy as np
import torch
from torch.utils.data import Dataset

from ghostcam_models.data.prepared_images import PreparedImages
from ghostcam_models.training.assigner import Shape
from ghostcam_models.training.augment import pack, picture, place_boxes
from ghostcam_models.training.render import render
from ghostcam_models.training.resident import Tiles


@dataclass
class Batch:
    """images uint8 [B, 3, H, W], or the tiles that a device composes them of; targets [B, M, 6] of class (-1: none),
    corners in pixels, kind; shape, width and height; seed, for all that is still to be drawn."""

    images: torch.Tensor | Tiles
    targets: torch.Tensor
    shape: Shape
    seed: int


@dataclass
class Batches(Dataset):
    """Batch number i of a run for one of its processes; depends on nothing but seed, i and rank.

    Shapes are taken in turn, one an iteration. count is the number of images: mosaics of them are mosaics (none from
    iteration mosaics_end on). rendered: the pixels are drawn here, else only where they come from.
    """

    prepared: PreparedImages
    shapes: tuple[Shape, ...]
    count: int
    mosaics: int
    rendered: bool
    mosaics_end: float
    seed: int
    rank: int
    world: int

    def __getitem__(self, iteration: int) -> Batch:
        seed = (self.seed * 1_000_003 + iteration) * self.world + self.rank
        random = np.random.default_rng(seed)
        shape = self.shapes[iteration % len(self.shapes)]
        mosaics = self.mosaics if iteration < self.mosaics_end else 0
        kinds = random.permutation(self.count) < mosaics
        pictures = [picture(self.prepared, random, shape, bool(kind)) for kind in kinds]
        boxes = [np.concatenate([place_boxes(self.prepared, tile) for tile in tiles]) for tiles in pictures]
        if self.rendered:
            images = planes([render(self.prepared, tiles, shape) for tiles in pictures])
        else:
            images = Tiles.of(pictures)
        return Batch(images, torch.from_numpy(pack(boxes)), shape, seed)


def planes(images: list[np.ndarray]) -> torch.Tensor:
    """Pictures [H, W, 3] as uint8 [B, 3, H, W], channels last in memory."""
    return torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2)
