"""Where images go in the pictures of a training batch, as singles, crops and mosaics, and where their boxes lie then.

Every picture is a pure function of the prepared images, its arguments and a seed, so that a resumed training sees the
same ones. Coordinates are pixel edges: the center of the first pixel is at .5. Shapes are (width, height).
"""

import math
from dataclasses import dataclass

import numpy as np

from ghostcam_models.data.prepared_images import PreparedImages
from ghostcam_models.training.assigner import Shape

MIN_VISIBLE = 0.25
"""An object cut to less than this part of its area becomes an ignore region; under a third of it, nothing."""

MIN_SIDE = 3.0
"""Pixels of the network's input. A smaller object is ignored: it may be found or missed."""

MAX_BOXES = 200
"""Boxes kept per picture, the largest first; nearly no picture has as many."""

PLAIN, CLOSE_UP = 0.34, 0.24
"""Parts of the single images that are letterboxed as at inference, and shown at the camera's own resolution, as a look
at a region does; the others are scaled and shifted."""


@dataclass
class Tile:
    """One image's place: gain, output pixels per image pixel along x and y; origin, the image's top left in a tile of
    shape; mirrored, turned left to right; corner, the tile's top left in the picture."""

    index: int
    gain: np.ndarray
    origin: np.ndarray
    mirrored: bool
    shape: Shape
    corner: tuple[int, int] = (0, 0)


def single(prepared: PreparedImages, random: np.random.Generator, shape: Shape) -> Tile:
    """One image in the whole picture."""
    index = int(prepared.draw(random, 1)[0])
    size = prepared.sizes[index].astype(float)
    fit, cover = (np.array(shape) / size).min(), (np.array(shape) / size).max()
    mirrored = bool(random.random() < 0.5)
    kind = random.random()
    if kind < PLAIN:
        gain = np.array((fit, fit))
        return Tile(index, gain, (shape - size * gain) / 2, mirrored, shape)
    if kind < PLAIN + CLOSE_UP:
        gain = stretched(max(fit, random.uniform(0.75, 1.15)), random)
        origin = around_object(prepared.rows(index), size, gain, mirrored, shape, random)
        return Tile(index, gain, origin, mirrored, shape)
    zoom = math.exp(random.uniform(math.log(0.55), math.log(1.6)))
    gain = stretched(fit * (cover / fit) ** random.random() * zoom, random)
    return Tile(index, gain, (shape - size * gain) * random.random(2), mirrored, shape)


def stretched(zoom: float, random: np.random.Generator) -> np.ndarray:
    """The gain [2] of a zoom with a slightly changed aspect."""
    stretch = math.exp(random.uniform(-0.1, 0.1))
    return np.array((zoom * stretch, zoom / stretch))


def around_object(
    rows: np.ndarray,
    size: np.ndarray,
    gain: np.ndarray,
    mirrored: bool,
    shape: Shape,
    random: np.random.Generator,
) -> np.ndarray:
    """Where the image's top left lies so that one of its objects, if it has any, is somewhere in the picture."""
    slack = np.array(shape) - size * gain
    if not len(rows):
        return slack * random.random(2)
    _, x1, y1, x2, y2, _ = rows[random.integers(len(rows))]
    center = np.array(((x1 + x2) / 2, (y1 + y2) / 2))
    if mirrored:
        center[0] = size[0] - center[0]
    origin = np.array(shape) * random.uniform(0.2, 0.8, 2) - center * gain
    return np.where(slack < 0, np.clip(origin, np.minimum(slack, 0), 0), slack * random.random(2))


def mosaic(prepared: PreparedImages, random: np.random.Generator, shape: Shape) -> list[Tile]:
    """Four images around a point: left and right above, left and right below (Bochkovskiy et al., arXiv 2004.10934)."""
    width, height = shape
    x, y = (int(v) for v in np.round(random.uniform(0.3, 0.7, 2) * shape))
    tiles = []
    for left, right, top, bottom in (
        (0, x, 0, y),
        (x, width, 0, y),
        (0, x, y, height),
        (x, width, y, height),
    ):
        part = (right - left, bottom - top)
        index = int(prepared.draw(random, 1)[0])
        size = prepared.sizes[index].astype(float)
        fit, cover = (np.array(shape) / size).min(), (np.array(shape) / size).max()
        zoom = math.exp(random.uniform(math.log(0.4), math.log(1.2)))
        gain = stretched(fit * (cover / fit) ** random.random() * zoom, random)
        slack = part - size * gain
        # A small image touches the center, a large one shows a random part.
        origin = np.where(slack > 0, slack * ((left == 0), (top == 0)), slack * random.random(2))
        tiles.append(Tile(index, gain, origin, bool(random.random() < 0.5), part, (left, top)))
    return tiles


def picture(
    prepared: PreparedImages, random: np.random.Generator, shape: Shape, as_mosaic: bool
) -> list[Tile]:
    """The tiles of one picture."""
    return mosaic(prepared, random, shape) if as_mosaic else [single(prepared, random, shape)]


def place_boxes(prepared: PreparedImages, tile: Tile) -> np.ndarray:
    """The tile's boxes [n, 6] in the picture, cut to the tile; of which too little is left become ignore regions or vanish."""
    rows = prepared.rows(tile.index).astype(np.float32)
    x, y = rows[:, [1, 3]] * tile.gain[0], rows[:, [2, 4]] * tile.gain[1]
    if tile.mirrored:
        x = prepared.sizes[tile.index][0] * tile.gain[0] - x[:, ::-1]
    x, y = x + tile.origin[0], y + tile.origin[1]
    whole = (x[:, 1] - x[:, 0]) * (y[:, 1] - y[:, 0])
    x, y = x.clip(0, tile.shape[0]), y.clip(0, tile.shape[1])
    wide, high = x[:, 1] - x[:, 0], y[:, 1] - y[:, 0]
    visible = wide * high / np.maximum(whole, 1e-6)
    kind = rows[:, 5] * (visible >= MIN_VISIBLE) * (np.minimum(wide, high) >= MIN_SIDE)
    x, y = x + tile.corner[0], y + tile.corner[1]
    placed = np.column_stack((rows[:, 0], x[:, 0], y[:, 0], x[:, 1], y[:, 1], kind)).astype(np.float32)
    return placed[(visible > MIN_VISIBLE / 3) & (wide >= 1) & (high >= 1)]


def pack(boxes: list[np.ndarray]) -> np.ndarray:
    """Boxes of each picture as one array [B, M, 6], class -1 where there is none, the largest first."""
    most = min(MAX_BOXES, max(1, *(len(rows) for rows in boxes)))
    packed = np.zeros((len(boxes), most, 6), np.float32)
    packed[..., 0] = -1
    for target, rows in zip(packed, boxes, strict=True):
        order = np.argsort(-(rows[:, 3] - rows[:, 1]) * (rows[:, 4] - rows[:, 2]), kind='stable')[:most]
        target[: len(order)] = rows[order]
    return packed
