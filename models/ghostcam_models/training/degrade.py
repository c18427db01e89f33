"""What cameras do to a picture that photographs do not show: infrared, darkness, noise, blur and compression.

In tensor code on the batch's device. The choices come from a generator on the CPU, so that they are the same on every
device. Shapes: n pictures of the batch that a fault happens to, [n, 3, H, W], float 0..255.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F

INFRARED, DARK, BLURRED, COARSE, COMPRESSED = 0.10, 0.10, 0.10, 0.08, 0.22
"""Part of the pictures that each happens to."""

BLUR_RADIUS = 4

BLOCK = 8
"""Side of the blocks that JPEG and H.264 transform."""

LUMA_STEPS = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)
"""JPEG's example quantization of luma (ITU-T T.81, table K.1)."""

CHROMA_STEP = 99
LOW_CHROMA_STEPS = ((17, 18, 24, 47), (18, 21, 26, 66), (24, 26, 56, 99), (47, 66, 99, 99))
"""Of chroma (table K.2): its lowest frequencies; all others take CHROMA_STEP."""

Uniform = Callable[..., torch.Tensor]


def degrade(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Pictures uint8 [B, 3, H, W] as cameras might give them; most come back as they are. Sides are multiples of 16."""
    count, device = len(images), images.device
    light, *others = torch.rand(4, count, generator=generator)
    blurred, coarse, compressed = others
    noise = torch.Generator(device).manual_seed(int(torch.randint(2**31, (), generator=generator)))
    result = images.clone()
    for chosen, fault in (
        (light < INFRARED, infrared),
        ((light >= INFRARED) & (light < INFRARED + DARK), dark),
        (blurred < BLURRED, blur),
        (coarse < COARSE, coarsen),
        (compressed < COMPRESSED, compress),
    ):
        indices = chosen.nonzero()[:, 0]

        def uniform(low: float, high: float, *shape: int, n: int = len(indices)) -> torch.Tensor:
            """Random numbers [n, 1, 1, 1] or [n, *shape], one set a picture."""
            drawn = torch.rand(n, *(shape or (1, 1, 1)), generator=generator)
            return (drawn * (high - low) + low).to(device)

        if len(indices):
            indices = indices.to(device)
            worse = fault(result[indices].float(), uniform, noise)
            result[indices] = worse.clamp(0, 255).round().to(torch.uint8)
    return result


def infrared(pixels: torch.Tensor, uniform: Uniform, noise: torch.Generator) -> torch.Tensor:
    """Gray, with the lamp's bright middle and dark corners, and noise."""
    mix = -uniform(1e-6, 1, 3, 1, 1).log()
    gray = (pixels * mix / mix.sum(1, keepdim=True)).sum(1, keepdim=True) / 255
    height, width = gray.shape[2:]
    y = torch.linspace(-1, 1, height, device=gray.device)[:, None] - uniform(-0.4, 0.4)
    x = torch.linspace(-1, 1, width, device=gray.device) - uniform(-0.4, 0.4)
    lamp = torch.exp(-uniform(0, 1) * (x.square() + y.square()))
    gray = gray ** uniform(0.7, 1.6) * lamp * uniform(0.6, 1.2)
    return (gray * 255 + grain(gray, noise) * uniform(2, 10)).expand_as(pixels)


def dark(pixels: torch.Tensor, uniform: Uniform, noise: torch.Generator) -> torch.Tensor:
    """Little light: a steeper curve, pale or tinted colors, and noise."""
    values = (pixels / 255) ** uniform(1.4, 2.8) * uniform(0.4, 1.0)
    gray = values.mean(1, keepdim=True)
    values = gray + (values - gray) * uniform(0.2, 1.0)
    tint = torch.cat((uniform(0.9, 1.15), uniform(0.9, 1.05), uniform(0.75, 1.1)), 1)
    return values * tint * 255 + grain(values, noise) * uniform(2, 9)


def blur(pixels: torch.Tensor, uniform: Uniform, _noise: torch.Generator) -> torch.Tensor:
    """Out of focus: a Gaussian of .4 to 1.4 pixels."""
    count, channels, height, width = pixels.shape
    offsets = torch.arange(-BLUR_RADIUS, BLUR_RADIUS + 1, device=pixels.device)
    kernel = torch.exp(-offsets.square() / (2 * uniform(0.4, 1.4).square())).flatten(1)
    kernel = (kernel / kernel.sum(1, keepdim=True)).repeat_interleave(channels, 0)[:, None]
    result = F.pad(pixels, (BLUR_RADIUS,) * 4, 'replicate').reshape(
        1, count * channels, *(side + 2 * BLUR_RADIUS for side in (height, width))
    )
    result = F.conv2d(result, kernel[:, :, None], groups=count * channels)
    result = F.conv2d(result, kernel[..., None], groups=count * channels)
    return result.view(count, channels, height, width)


def coarsen(pixels: torch.Tensor, uniform: Uniform, _noise: torch.Generator) -> torch.Tensor:
    """Enlarged from fewer pixels, .4 to .8 of each side; the same for all pictures of the batch."""
    part = float(uniform(0.4, 0.8)[0])
    size = tuple(max(1, int(side * part)) for side in pixels.shape[2:])
    small = F.interpolate(pixels, size, mode='bilinear', antialias=True)
    return F.interpolate(small, pixels.shape[2:], mode='bilinear')


def compress(pixels: torch.Tensor, uniform: Uniform, _noise: torch.Generator) -> torch.Tensor:
    """The blocks, smeared detail and coarse colors of a low bit rate: JPEG's of quality 8 to 45 (ITU-T T.81), whose
    transform H.264 shares in kind."""
    quality = uniform(8, 45)
    scale = 50 / quality  # the scaling of libjpeg, for qualities below 50
    red, green, blue = pixels.split(1, 1)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    chroma = torch.cat((0.564 * (blue - luma), 0.713 * (red - luma)), 1)
    luma_steps = torch.tensor(LUMA_STEPS, dtype=torch.float32, device=pixels.device)
    chroma_steps = torch.full((BLOCK, BLOCK), float(CHROMA_STEP), device=pixels.device)
    chroma_steps[:4, :4] = torch.tensor(LOW_CHROMA_STEPS, device=pixels.device)
    luma = quantize(luma - 128, luma_steps, scale) + 128
    chroma = quantize(F.avg_pool2d(chroma, 2), chroma_steps, scale)
    blue, red = F.interpolate(chroma, scale_factor=2.0, mode='bilinear').split(1, 1)
    return torch.cat(
        (luma + 1.403 * red, luma - 0.714 * red - 0.344 * blue, luma + 1.773 * blue),
        1,
    )


def quantize(planes: torch.Tensor, steps: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """Planes [n, C, H, W] with every block's cosine transform rounded to multiples of steps [8, 8] * scale [n, 1, 1, 1]."""
    count, channels, height, width = planes.shape
    blocks = planes.view(count, channels, height // BLOCK, BLOCK, width // BLOCK, BLOCK).transpose(3, 4)
    k = torch.arange(BLOCK, device=planes.device)
    cosines = torch.cos(torch.pi / BLOCK * (k + 0.5) * k[:, None]) * (2 / BLOCK) ** 0.5
    cosines[0] /= 2**0.5
    steps = (steps * scale).clamp(min=1)[:, :, None, None]
    coefficients = (cosines @ blocks @ cosines.T / steps).round() * steps
    return (cosines.T @ coefficients @ cosines).transpose(3, 4).reshape(planes.shape)


def grain(like: torch.Tensor, noise: torch.Generator) -> torch.Tensor:
    """Standard normal noise of a tensor's shape."""
    return torch.randn(like.shape, generator=noise, device=like.device)
