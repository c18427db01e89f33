"""Training pictures composed in a device's memory: every image lies there decoded, and a batch is one gather.

A GPU trains faster than its processor's cores decode. The images stay at the size they are prepared at, each beside its
half and its quarter, so that a small picture of a large image is not sampled too coarsely.
"""

from dataclasses import astuple, dataclass

import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from tqdm import tqdm

from ghostcam_models.common.environment import CORES
from ghostcam_models.data.prepared_images import PAD_VALUE, PreparedImages
from ghostcam_models.training.assigner import Shape
from ghostcam_models.training.augment import Tile

LEVELS = 3
"""Sizes that each image is kept at: whole, half, quarter."""

COARSEST_STEP = 1.5
"""Pixels of a level that one pixel of a picture may step over; from there on the next level is read."""

CHUNK = 64
"""Pictures composed at once, and images decoded at once: bounds what lies beside the images."""


@dataclass
class Tiles:
    """The tiles of B pictures: four of each, left and right above, left and right below; a single image fills all four.

    index [B, 4] of the image; gain and origin [B, 4, 2] as in Tile, origin in the picture; mirrored [B, 4]; split [B, 2],
    x and y of the point where the four meet.
    """

    index: torch.Tensor
    gain: torch.Tensor
    origin: torch.Tensor
    mirrored: torch.Tensor
    split: torch.Tensor

    @classmethod
    def of(cls, pictures: list[list[Tile]]) -> 'Tiles':
        """Of B pictures, each of one tile or of a mosaic's four; on the CPU."""
        four = [tiles * (4 // len(tiles)) for tiles in pictures]
        return cls(
            torch.tensor([[tile.index for tile in tiles] for tiles in four]),
            torch.from_numpy(np.array([[tile.gain for tile in tiles] for tiles in four], np.float32)),
            torch.from_numpy(
                np.array([[tile.origin + tile.corner for tile in tiles] for tiles in four], np.float32)
            ),
            torch.tensor([[tile.mirrored for tile in tiles] for tiles in four]),
            torch.tensor([tiles[-1].corner for tiles in four]),
        )


class ResidentImages:
    """All prepared images, decoded in a device's memory: 4 bytes a pixel, for each process of a run.

    pixels uint8 [P, 3] are those of every image at every level, row by row; offsets [N, LEVELS] say where each begins,
    levels [N, LEVELS, 2] its width and height; sizes [N, 2] are the images'. Raises torch.OutOfMemoryError where they do
    not fit.
    """

    def __init__(self, prepared: PreparedImages, device: torch.device):
        sizes = torch.from_numpy(prepared.sizes.astype(np.int64))
        steps = 2 ** torch.arange(LEVELS)
        self.sizes = sizes.to(device)
        levels = -(-sizes[:, None] // steps[:, None])  # [N, LEVELS, 2]
        counts = levels.prod(2).flatten()
        self.levels = levels.to(device)
        self.offsets = (counts.cumsum(0) - counts).view(-1, LEVELS).to(device)
        self.pixels = torch.empty((int(counts.sum()), 3), dtype=torch.uint8, device=device)
        chunks = DataLoader(Pyramids(prepared), None, num_workers=CORES)
        first = 0
        for chunk in tqdm(chunks, desc=f'images, {CHUNK} at a time'):
            self.pixels[first : first + len(chunk)] = chunk.to(device)
            first += len(chunk)

    def compose(self, tiles: Tiles, shape: Shape) -> torch.Tensor:
        """Pictures uint8 [B, 3, H, W] of a shape, PAD_VALUE where there is no image; bilinear in the level that fits."""
        device = self.pixels.device
        parts = (
            Tiles(*(value.to(device) for value in part))
            for part in zip(*(value.split(CHUNK) for value in astuple(tiles)), strict=True)
        )
        return torch.cat([self._compose(part, shape) for part in parts]).permute(0, 3, 1, 2)

    def _compose(self, tiles: Tiles, shape: Shape) -> torch.Tensor:
        """Pictures [B, H, W, 3] of at most CHUNK tiles."""
        step = 1 / tiles.gain.amax(2)
        level = torch.log2(step / COARSEST_STEP).ceil().clamp(0, LEVELS - 1).long()  # [B, 4]
        size = self.levels[tiles.index, level]  # [B, 4, 2]
        # A pixel of a level covers 2 ** level of the image, also where the last one lies half outside.
        zoom = (0.5**level)[..., None]  # [B, 4, 1]
        axes = []
        for axis, length in enumerate(shape):
            place = torch.arange(length, device=step.device) + 0.5
            source = (place - tiles.origin[..., axis, None]) / tiles.gain[..., axis, None]  # [B, 4, length]
            whole = self.sizes[tiles.index][..., axis, None]
            within = (source >= 0) & (source < whole)
            if axis == 0:
                source = torch.where(tiles.mirrored[..., None], whole - source, source)
            last = size[..., axis, None] - 1
            source = (source * zoom - 0.5).clamp(min=0).minimum(last)
            low = source.long()
            axes.append((low, (low + 1).minimum(last), source - low, within))
        right = torch.arange(shape[0], device=step.device) >= tiles.split[:, :1]  # [B, W]
        below = torch.arange(shape[1], device=step.device) >= tiles.split[:, 1:]  # [B, H]
        x0, x1, x, within_x = (self._columns(value, right, below) for value in axes[0])
        first = self.offsets[tiles.index, level][..., None]
        width = size[..., 0, None]
        y0, y1, y, within_y = (
            self._rows(value, right, below)
            for value in (first + axes[1][0] * width, first + axes[1][1] * width, *axes[1][2:])
        )
        x, y = x[..., None], y[..., None]
        above = torch.lerp(self.pixels[y0 + x0].float(), self.pixels[y0 + x1].float(), x)
        under = torch.lerp(self.pixels[y1 + x0].float(), self.pixels[y1 + x1].float(), x)
        mixed = torch.lerp(above, under, y).round()
        return torch.where((within_x & within_y)[..., None], mixed, PAD_VALUE).to(torch.uint8)

    @staticmethod
    def _columns(values: torch.Tensor, right: torch.Tensor, below: torch.Tensor) -> torch.Tensor:
        """What a pixel takes [B, H, W] of each tile's values along x [B, 4, W]."""
        (count, height), width = below.shape, right.shape[1]
        four = values.view(count, 2, 2, width)
        halves = torch.where(right[:, None], four[:, :, 1], four[:, :, 0])  # [B, 2, W]: above, below
        return halves.gather(1, below.long()[..., None].expand(count, height, width))

    @staticmethod
    def _rows(values: torch.Tensor, right: torch.Tensor, below: torch.Tensor) -> torch.Tensor:
        """What a pixel takes [B, H, W] of each tile's values along y [B, 4, H]."""
        (count, height), width = below.shape, right.shape[1]
        four = values.view(count, 2, 2, height)
        halves = torch.where(below[:, None], four[:, 1], four[:, 0])  # [B, 2, H]: left, right
        return halves.transpose(1, 2).gather(2, right.long()[:, None].expand(count, height, width))


@dataclass
class Pyramids(Dataset):
    """The pixels [n, 3] of CHUNK images after one another, every one at all levels."""

    prepared: PreparedImages

    def __len__(self) -> int:
        return -(-len(self.prepared) // CHUNK)

    def __getitem__(self, chunk: int) -> torch.Tensor:
        indices = range(chunk * CHUNK, min((chunk + 1) * CHUNK, len(self.prepared)))
        return torch.from_numpy(np.concatenate([pyramid(self.prepared.open(i)) for i in indices]))


def pyramid(image: Image.Image) -> np.ndarray:
    """The pixels [n, 3] of an image at every level, one after the other, row by row."""
    image = image.convert('RGB')
    levels = [image if step == 0 else image.reduce(2**step) for step in range(LEVELS)]
    return np.concatenate([np.asarray(level).reshape(-1, 3) for level in levels])
