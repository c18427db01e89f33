"""Training batches: crops, scales, mirror images, mosaics and colours, all in tensor code on the bank's device.

Every batch is a pure function of the bank, its arguments and the generator, so that a resumed training sees the
same images. Coordinates are pixel edges: the centre of the first pixel is at .5.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from ghostcam_models.data.bank import GREY, SIDE, Bank

MIN_VISIBLE = 0.25
"""An object cut to less than this part of its area becomes an ignore region; under a third of it, nothing."""

MIN_SIDE = 3  # pixels of the network's input; smaller objects cannot be told from noise


@dataclass
class Tiles:
    """Where images go: one row per tile, into an output of width x height pixels.

    ids [n]; gain [n, 2], output pixels per image pixel along x and y; origin [n, 2], the image's top left in the
    output; mirrored [n] bool.
    """

    ids: torch.Tensor
    gain: torch.Tensor
    origin: torch.Tensor
    mirrored: torch.Tensor
    width: int
    height: int


class Draw:
    """Random numbers from one CPU generator, delivered on the bank's device."""

    def __init__(self, seed: int, device: torch.device):
        self.generator = torch.Generator().manual_seed(seed)
        self.device = device

    def uniform(self, *shape: int, low: float = 0.0, high: float = 1.0) -> torch.Tensor:
        return (torch.rand(shape, generator=self.generator) * (high - low) + low).to(self.device)

    def chance(self, probability: float, *shape: int) -> torch.Tensor:
        return self.uniform(*shape) < probability

    def images(self, weights: torch.Tensor, count: int) -> torch.Tensor:
        """Indices [count], drawn by weight with replacement."""
        return torch.multinomial(weights.cpu(), count, True, generator=self.generator).to(self.device)


def batch(bank: Bank, draw: Draw, size: int, mosaics: int, singles: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Images [B, 3, size, size] in 0..1 and targets [B, M, 6] of class (-1: none), corners in pixels, kind."""
    parts = []
    if mosaics:
        parts.append(mosaic(bank, draw, size, mosaics))
    if singles:
        tiles = place_singles(bank, draw, size, singles)
        parts.append((render(bank, tiles), place_boxes(bank, tiles)))
    most = max(targets.shape[1] for _, targets in parts)
    images = torch.cat([images for images, _ in parts])
    targets = torch.cat([F.pad(t, (0, 0, 0, most - t.shape[1]), value=-1.0) for _, t in parts])
    return recolour(images, draw), compact(targets)


def place_singles(bank: Bank, draw: Draw, size: int, count: int) -> Tiles:
    """One image a tile: a third letterboxed as at inference, the others scaled by .6 to 1.7 and shifted."""
    ids = draw.images(bank.weights, count)
    sizes = bank.sizes[ids]
    zoom = torch.exp(draw.uniform(count, low=math.log(0.6), high=math.log(1.7)))
    plain = draw.chance(1 / 3, count)
    zoom = torch.where(plain, torch.ones_like(zoom), zoom)
    stretch = torch.exp(draw.uniform(count, low=-0.15, high=0.15) * ~plain)
    gain = (size / sizes.amax(1) * zoom)[:, None] * torch.stack((stretch.sqrt(), stretch.rsqrt()), 1)
    slack = size - sizes * gain  # negative where the image is larger than the tile: a random crop
    origin = slack * torch.where(plain[:, None], torch.full_like(slack, 0.5), draw.uniform(count, 2))
    return Tiles(ids, gain, origin, draw.chance(0.5, count), size, size)


def mosaic(bank: Bank, draw: Draw, size: int, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Four images around a centre that the batch shares (Bochkovskiy et al., arXiv 2004.10934)."""
    images = torch.empty(count, 3, size, size, device=bank.pixels.device)
    targets = []
    x, y = (int(v) for v in (draw.uniform(2, low=0.3, high=0.7) * size).round().tolist())
    for left, right, top, bottom in ((0, x, 0, y), (x, size, 0, y), (0, x, y, size), (x, size, y, size)):
        width, height = right - left, bottom - top
        ids = draw.images(bank.weights, count)
        sizes = bank.sizes[ids]
        zoom = size / sizes.amax(1) * torch.exp(draw.uniform(count, low=math.log(0.4), high=math.log(1.2)))
        stretch = torch.exp(draw.uniform(count, low=-0.15, high=0.15))
        gain = zoom[:, None] * torch.stack((stretch.sqrt(), stretch.rsqrt()), 1)
        slack = torch.tensor((width, height), device=gain.device) - sizes * gain
        # A small image touches the centre, a large one shows a random part.
        corner = torch.tensor((left == 0, top == 0), device=gain.device, dtype=gain.dtype)
        origin = torch.where(slack > 0, slack * corner, slack * draw.uniform(count, 2))
        tiles = Tiles(ids, gain, origin, draw.chance(0.5, count), width, height)
        images[:, :, top:bottom, left:right] = render(bank, tiles)
        placed = place_boxes(bank, tiles)
        placed[..., 1:5] += torch.tensor((left, top, left, top), device=gain.device)
        targets.append(placed)
    return images, torch.cat(targets, 1)


def render(bank: Bank, tiles: Tiles) -> torch.Tensor:
    """The tiles' pixels, float [n, 3, height, width] in 0..255, GREY where there is no image."""
    result = torch.empty(len(tiles.ids), 3, tiles.height, tiles.width, device=bank.pixels.device)
    reduce = tiles.gain.amin(1) < 0.6  # bilinear sampling alone would alias
    for rows, factor in ((~reduce, 1), (reduce, 2)):
        rows = rows.nonzero()[:, 0]
        if not len(rows):
            continue
        source = bank.pixels[tiles.ids[rows]].permute(0, 3, 1, 2).float() - GREY
        if factor > 1:
            source = F.avg_pool2d(source, factor)
        matrix = sampling_matrix(bank, tiles, rows)
        grid = F.affine_grid(matrix, [len(rows), 3, tiles.height, tiles.width], align_corners=False)
        result[rows] = F.grid_sample(source, grid, 'bilinear', 'zeros', align_corners=False)
    return result + GREY


def sampling_matrix(bank: Bank, tiles: Tiles, rows: torch.Tensor) -> torch.Tensor:
    """Matrices [n, 2, 3] from the tile's to the canvas's coordinates, both in -1..1 as grid_sample wants."""
    extent = torch.tensor((tiles.width, tiles.height), device=tiles.gain.device)
    reach = SIDE * tiles.gain[rows]
    slope = extent / reach
    shift = (extent - 2 * tiles.origin[rows]) / reach - 1
    mirrored = tiles.mirrored[rows]
    width = bank.sizes[tiles.ids[rows], 0]
    matrix = torch.zeros(len(rows), 2, 3, device=slope.device)
    matrix[:, 0, 0] = torch.where(mirrored, -slope[:, 0], slope[:, 0])
    matrix[:, 0, 2] = torch.where(mirrored, 2 * width / SIDE - 2 - shift[:, 0], shift[:, 0])
    matrix[:, 1, 1] = slope[:, 1]
    matrix[:, 1, 2] = shift[:, 1]
    return matrix


def place_boxes(bank: Bank, tiles: Tiles) -> torch.Tensor:
    """The tiles' boxes [n, MAX_BOXES, 6], cut to the tile; class -1 where nothing is left."""
    rows = bank.boxes[tiles.ids].clone()
    gain, origin = tiles.gain[:, None], tiles.origin[:, None]
    x, y = rows[..., (1, 3)] * gain[..., :1], rows[..., (2, 4)] * gain[..., 1:]
    width = (bank.sizes[tiles.ids, 0] * tiles.gain[:, 0])[:, None, None]
    x = torch.where(tiles.mirrored[:, None, None], (width - x).flip(-1), x) + origin[..., :1]
    y = y + origin[..., 1:]
    whole = (x[..., 1] - x[..., 0]) * (y[..., 1] - y[..., 0])
    x, y = x.clamp(0, tiles.width), y.clamp(0, tiles.height)
    wide, high = x[..., 1] - x[..., 0], y[..., 1] - y[..., 0]
    visible = wide * high / whole.clamp(min=1e-6)
    alive = (rows[..., 0] >= 0) & (visible > MIN_VISIBLE / 3) & (wide > MIN_SIDE) & (high > MIN_SIDE)
    rows[..., 0] = torch.where(alive, rows[..., 0], torch.full_like(wide, -1))
    rows[..., 1:5] = torch.stack((x[..., 0], y[..., 0], x[..., 1], y[..., 1]), -1)
    rows[..., 5] *= visible >= MIN_VISIBLE
    return rows


def compact(targets: torch.Tensor) -> torch.Tensor:
    """Move the live rows of each image to the front and drop the columns that no image needs."""
    alive = targets[..., 0] >= 0
    order = (~alive).to(torch.uint8).argsort(dim=1, stable=True)
    targets = targets.gather(1, order[..., None].expand_as(targets))
    return targets[:, : max(1, int(alive.sum(1).max()))]


LUMA = (0.299, 0.587, 0.114)


def recolour(images: torch.Tensor, draw: Draw) -> torch.Tensor:
    """Random saturation (sometimes none), hue, gain, brightness and noise; [B, 3, H, W] 0..255 to 0..1."""
    count, device = len(images), images.device
    saturation = torch.where(
        draw.chance(0.08, count), torch.zeros(count, device=device), draw.uniform(count, low=0.5, high=1.5)
    )
    matrix = saturation[:, None, None] * torch.eye(3, device=device)
    matrix = matrix + (1 - saturation)[:, None, None] * torch.tensor(LUMA, device=device)
    matrix = matrix @ hue_rotation(draw.uniform(count, low=-0.12, high=0.12))
    gain = draw.uniform(count, low=0.65, high=1.35)
    matrix = matrix * gain[:, None, None] * draw.uniform(count, 3, 1, low=0.94, high=1.06)
    offset = draw.uniform(count, low=-20, high=20) + (1 - gain) * 60
    result = torch.baddbmm(offset[:, None, None].expand(-1, 3, 1), matrix, images.flatten(2)).view_as(images)
    noisy = draw.chance(0.1, count).nonzero()[:, 0]
    if len(noisy):
        sigma = draw.uniform(len(noisy), low=2, high=12)[:, None, None, None]
        noise = torch.randn(result[noisy].shape, generator=draw.generator).to(device)
        result[noisy] += noise * sigma
    return result.clamp_(0, 255).div_(255)


def hue_rotation(angle: torch.Tensor) -> torch.Tensor:
    """Matrices [n, 3, 3] that turn colours around the grey axis by angle [n] in radians (Rodrigues)."""
    third = 1 / 3
    cosine, sine = angle.cos(), angle.sin() * math.sqrt(third)
    rest = third * (1 - cosine)
    rows = (
        cosine + rest,
        rest - sine,
        rest + sine,
        rest + sine,
        cosine + rest,
        rest - sine,
        rest - sine,
        rest + sine,
        cosine + rest,
    )
    return torch.stack(rows, 1).view(-1, 3, 3)
