"""The batches of a run, one for each iteration, drawn in the training process or in others beside it."""

from dataclasses import dataclass

import numpy as np
import torch
from torch.utils.data import Dataset

from ghostcam_models.data.prepared_images import PreparedImages
from ghostcam_models.training.assigner import Shape
from ghostcam_models.training.augment import pack, picture
from ghostcam_models.training.degrade import degrade


@dataclass
class Batch:
    """images uint8 [B, 3, H, W] for the student; clean, the first of them before a camera's faults, for the teacher;
    targets [B, M, 6] of class (-1: none), corners in pixels, kind."""

    images: torch.Tensor
    clean: torch.Tensor
    targets: torch.Tensor
    seed: int


@dataclass
class Batches(Dataset):
    """Batch number i of a run for one of its processes; depends on nothing but seed, i and rank.

    Shapes are taken in turn, one an iteration. count is the number of images: mosaics of them are mosaics (none from
    iteration cooldown_start on), and the first clean of them are for the teacher too.
    """

    prepared: PreparedImages
    shapes: tuple[Shape, ...]
    count: int
    mosaics: int
    clean: int
    cooldown_start: float
    seed: int
    rank: int
    world: int

    def __getitem__(self, iteration: int) -> Batch:
        seed = (self.seed * 1_000_003 + iteration) * self.world + self.rank
        random = np.random.default_rng(seed)
        shape = self.shapes[iteration % len(self.shapes)]
        mosaics = self.mosaics if iteration < self.cooldown_start else 0
        kinds = random.permutation(self.count) < mosaics
        pairs = [picture(self.prepared, random, shape, bool(kind)) for kind in kinds]
        images = [degrade(pixels, random) for pixels, _ in pairs]
        return Batch(
            planes(images),
            planes([pixels for pixels, _ in pairs[: self.clean]]),
            torch.from_numpy(pack([rows for _, rows in pairs])),
            seed,
        )


def planes(images: list[np.ndarray]) -> torch.Tensor:
    """Pictures [H, W, 3] as uint8 [B, 3, H, W], channels last in memory."""
    return torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2) if images else torch.zeros(0, 3, 1, 1)
