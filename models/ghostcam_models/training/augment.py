"""Training batches: crops, scales, mirror images, mosaics and colors, all in tensor code on the images' device.

Every batch is a pure function of the prepared images, its arguments and the generator, so that a resumed training sees the
same images. Coordinates are pixel edges: the center of the first pixel is at .5.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from ghostcam_models.data.prepared_images import CANVAS_SIZE, PAD_VALUE, PreparedImages

MIN_VISIBLE = 0.25
"""An object cut to less than this part of its area becomes an ignore region; to less than a third of this, nothing."""

MIN_SIDE = 3
"""Pixels of the network's input; smaller objects are left out."""


@dataclass
class Placements:
    """Where images are drawn: one row for each output of width x height pixels.

    ids [n]; gain [n, 2], output pixels per image pixel along x and y; origin [n, 2], the image's top left in the
    output; mirrored [n] bool.
    """

    ids: torch.Tensor
    gain: torch.Tensor
    origin: torch.Tensor
    mirrored: torch.Tensor
    width: int
    height: int


class RandomSource:
    """Random numbers from one CPU generator, delivered on the images' device."""

    def __init__(self, seed: int, device: torch.device):
        self.generator = torch.Generator().manual_seed(seed)
        self.device = device

    def uniform(self, *shape: int, low: float = 0.0, high: float = 1.0) -> torch.Tensor:
        return (torch.rand(shape, generator=self.generator) * (high - low) + low).to(self.device)

    def bernoulli(self, probability: float, *shape: int) -> torch.Tensor:
        return self.uniform(*shape) < probability

    def images(self, weights: torch.Tensor, count: int) -> torch.Tensor:
        """Indices [count], drawn by weight with replacement."""
        return torch.multinomial(weights.cpu(), count, True, generator=self.generator).to(self.device)


def make_batch(
    prepared: PreparedImages, random: RandomSource, size: int, mosaics: int, singles: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Mosaics, then single images: images [B, 3, size, size] in 0..1 and targets [B, M, 6] of class (-1: none), corners in pixels, kind."""
    parts = []
    if mosaics:
        parts.append(mosaic(prepared, random, size, mosaics))
    if singles:
        placements = place_images(prepared, random, size, singles)
        parts.append((render(prepared, placements), place_boxes(prepared, placements)))
    most = max(targets.shape[1] for _, targets in parts)
    images = torch.cat([images for images, _ in parts])
    targets = torch.cat([F.pad(t, (0, 0, 0, most - t.shape[1]), value=-1.0) for _, t in parts])
    return color_jitter(images, random), compact(targets)


def place_images(prepared: PreparedImages, random: RandomSource, size: int, count: int) -> Placements:
    """One image each: a third letterboxed as at inference, the others scaled by .6 to 1.7 and shifted."""
    ids = random.images(prepared.weights, count)
    sizes = prepared.sizes[ids]
    zoom = torch.exp(random.uniform(count, low=math.log(0.6), high=math.log(1.7)))
    plain = random.bernoulli(1 / 3, count)
    zoom = torch.where(plain, torch.ones_like(zoom), zoom)
    stretch = torch.exp(random.uniform(count, low=-0.15, high=0.15) * ~plain)
    gain = (size / sizes.amax(1) * zoom)[:, None] * torch.stack((stretch.sqrt(), stretch.rsqrt()), 1)
    slack = size - sizes * gain  # negative where the image is larger than the output: a random crop
    origin = slack * torch.where(plain[:, None], torch.full_like(slack, 0.5), random.uniform(count, 2))
    return Placements(ids, gain, origin, random.bernoulli(0.5, count), size, size)


def mosaic(
    prepared: PreparedImages, random: RandomSource, size: int, count: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Four images around a center that the batch shares (Bochkovskiy et al., arXiv 2004.10934)."""
    images = torch.empty(count, 3, size, size, device=prepared.pixels.device)
    targets = []
    x, y = (int(v) for v in (random.uniform(2, low=0.3, high=0.7) * size).round().tolist())
    for left, right, top, bottom in ((0, x, 0, y), (x, size, 0, y), (0, x, y, size), (x, size, y, size)):
        width, height = right - left, bottom - top
        ids = random.images(prepared.weights, count)
        sizes = prepared.sizes[ids]
        zoom = size / sizes.amax(1) * torch.exp(random.uniform(count, low=math.log(0.4), high=math.log(1.2)))
        stretch = torch.exp(random.uniform(count, low=-0.15, high=0.15))
        gain = zoom[:, None] * torch.stack((stretch.sqrt(), stretch.rsqrt()), 1)
        slack = torch.tensor((width, height), device=gain.device) - sizes * gain
        # A small image touches the center, a large one shows a random part.
        corner = torch.tensor((left == 0, top == 0), device=gain.device, dtype=gain.dtype)
        origin = torch.where(slack > 0, slack * corner, slack * random.uniform(count, 2))
        placements = Placements(ids, gain, origin, random.bernoulli(0.5, count), width, height)
        images[:, :, top:bottom, left:right] = render(prepared, placements)
        placed = place_boxes(prepared, placements)
        placed[..., 1:5] += torch.tensor((left, top, left, top), device=gain.device)
        targets.append(placed)
    return images, torch.cat(targets, 1)


def render(prepared: PreparedImages, placements: Placements) -> torch.Tensor:
    """Pixels of the images where they are placed, float [n, 3, height, width] in 0..255, PAD_VALUE where there is no image."""
    result = torch.empty(
        len(placements.ids), 3, placements.height, placements.width, device=prepared.pixels.device
    )
    reduce = placements.gain.amin(1) < 0.6  # bilinear sampling alone would alias
    for rows, factor in ((~reduce, 1), (reduce, 2)):
        rows = rows.nonzero()[:, 0]
        if not len(rows):
            continue
        source = prepared.pixels[placements.ids[rows]].permute(0, 3, 1, 2).float() - PAD_VALUE
        if factor > 1:
            source = F.avg_pool2d(source, factor)
        matrix = sampling_matrix(prepared, placements, rows)
        grid = F.affine_grid(matrix, [len(rows), 3, placements.height, placements.width], align_corners=False)
        result[rows] = F.grid_sample(source, grid, 'bilinear', 'zeros', align_corners=False)
    return result + PAD_VALUE


def sampling_matrix(prepared: PreparedImages, placements: Placements, rows: torch.Tensor) -> torch.Tensor:
    """Matrices [n, 2, 3] from the output's to the canvas's coordinates, both in -1..1 as grid_sample wants."""
    extent = torch.tensor((placements.width, placements.height), device=placements.gain.device)
    reach = CANVAS_SIZE * placements.gain[rows]
    slope = extent / reach
    shift = (extent - 2 * placements.origin[rows]) / reach - 1
    mirrored = placements.mirrored[rows]
    width = prepared.sizes[placements.ids[rows], 0]
    matrix = torch.zeros(len(rows), 2, 3, device=slope.device)
    matrix[:, 0, 0] = torch.where(mirrored, -slope[:, 0], slope[:, 0])
    matrix[:, 0, 2] = torch.where(mirrored, 2 * width / CANVAS_SIZE - 2 - shift[:, 0], shift[:, 0])
    matrix[:, 1, 1] = slope[:, 1]
    matrix[:, 1, 2] = shift[:, 1]
    return matrix


def place_boxes(prepared: PreparedImages, placements: Placements) -> torch.Tensor:
    """Boxes [n, MAX_BOXES, 6] of the placed images, cut to the output; class -1 where nothing is left."""
    rows = prepared.boxes[placements.ids].clone()
    gain, origin = placements.gain[:, None], placements.origin[:, None]
    x, y = rows[..., (1, 3)] * gain[..., :1], rows[..., (2, 4)] * gain[..., 1:]
    width = (prepared.sizes[placements.ids, 0] * placements.gain[:, 0])[:, None, None]
    x = torch.where(placements.mirrored[:, None, None], (width - x).flip(-1), x) + origin[..., :1]
    y = y + origin[..., 1:]
    whole = (x[..., 1] - x[..., 0]) * (y[..., 1] - y[..., 0])
    x, y = x.clamp(0, placements.width), y.clamp(0, placements.height)
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
"""Weights of R, G and B in the gray value (ITU-R BT.601)."""


def color_jitter(images: torch.Tensor, random: RandomSource) -> torch.Tensor:
    """Random saturation (sometimes none), hue, gain, brightness and noise; [B, 3, H, W] 0..255 to 0..1."""
    count, device = len(images), images.device
    saturation = torch.where(
        random.bernoulli(0.08, count),
        torch.zeros(count, device=device),
        random.uniform(count, low=0.5, high=1.5),
    )
    matrix = saturation[:, None, None] * torch.eye(3, device=device)
    matrix = matrix + (1 - saturation)[:, None, None] * torch.tensor(LUMA, device=device)
    matrix = matrix @ hue_rotation(random.uniform(count, low=-0.12, high=0.12))
    gain = random.uniform(count, low=0.65, high=1.35)
    matrix = matrix * gain[:, None, None] * random.uniform(count, 3, 1, low=0.94, high=1.06)
    offset = random.uniform(count, low=-20, high=20) + (1 - gain) * 60
    result = torch.baddbmm(offset[:, None, None].expand(-1, 3, 1), matrix, images.flatten(2)).view_as(images)
    noisy = random.bernoulli(0.1, count).nonzero()[:, 0]
    if len(noisy):
        sigma = random.uniform(len(noisy), low=2, high=12)[:, None, None, None]
        noise = torch.randn(result[noisy].shape, generator=random.generator).to(device)
        result[noisy] += noise * sigma
    return result.clamp_(0, 255).div_(255)


def hue_rotation(angle: torch.Tensor) -> torch.Tensor:
    """Matrices [n, 3, 3] that turn colors around the gray axis by angle [n] in radians (Rodrigues)."""
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
