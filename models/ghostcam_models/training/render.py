"""The pixels of training pictures, decoded and resized on the way: images stay compressed until they are drawn."""

import math

import numpy as np
from PIL import Image

from ghostcam_models.data.prepared_images import PAD_VALUE, PreparedImages
from ghostcam_models.training.assigner import Shape
from ghostcam_models.training.augment import Tile


def render(prepared: PreparedImages, tiles: list[Tile], shape: Shape) -> np.ndarray:
    """A picture's pixels, uint8 [height, width, 3]."""
    canvas = np.empty((shape[1], shape[0], 3), np.uint8)
    for tile in tiles:
        (left, top), (width, height) = tile.corner, tile.shape
        canvas[top : top + height, left : left + width] = render_tile(prepared, tile)
    return canvas


def render_tile(prepared: PreparedImages, tile: Tile) -> np.ndarray:
    """A tile's pixels, uint8 [height, width, 3], PAD_VALUE where there is no image."""
    size = prepared.sizes[tile.index]
    canvas = np.full((tile.shape[1], tile.shape[0], 3), PAD_VALUE, np.uint8)
    low = np.maximum(np.round(tile.origin), 0).astype(int)
    high = np.minimum(np.round(tile.origin + size * tile.gain), tile.shape).astype(int)
    if (high <= low).any():
        return canvas
    left, top = np.clip((low - tile.origin) / tile.gain, 0, size)
    right, bottom = np.clip((high - tile.origin) / tile.gain, 0, size)
    if tile.mirrored:
        left, right = size[0] - right, size[0] - left
    image = prepared.open(tile.index)
    # Decoding at a half or a quarter costs as much less; the rest of the way is resampled.
    image.draft('RGB', tuple(int(math.ceil(v)) for v in size * tile.gain))
    shrunk = np.array(image.size) / size
    box = np.clip(np.array((left, top, right, bottom)) * np.tile(shrunk, 2), 0, np.tile(image.size, 2))
    if (box[2:] - box[:2] < 0.5).any():
        return canvas
    pixels = np.asarray(
        image.convert('RGB').resize(tuple(int(v) for v in high - low), Image.Resampling.BILINEAR, tuple(box))
    )
    canvas[low[1] : high[1], low[0] : high[0]] = pixels[:, ::-1] if tile.mirrored else pixels
    return canvas
