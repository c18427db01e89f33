"""Random colors of a batch, in tensor code on its device."""

import math

import torch

LUMA = (0.299, 0.587, 0.114)


def color_jitter(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Random saturation, hue, gain, brightness and balance per image; uint8 [B, 3, H, W] to float 0..1.

    The numbers come from a generator on the CPU, so that they are the same on every device.
    """
    count, device = len(images), images.device

    def uniform(low: float, high: float, *shape: int) -> torch.Tensor:
        return (torch.rand(count, *shape, generator=generator) * (high - low) + low).to(device)

    saturation = uniform(0.5, 1.5) * (uniform(0, 1) > 0.05)
    matrix = saturation[:, None, None] * torch.eye(3, device=device)
    matrix = matrix + (1 - saturation)[:, None, None] * torch.tensor(LUMA, device=device)
    matrix = matrix @ hue_rotation(uniform(-0.12, 0.12))
    gain = uniform(0.65, 1.35)
    matrix = matrix * gain[:, None, None] * uniform(0.94, 1.06, 3, 1)
    offset = uniform(-20, 20) + (1 - gain) * 60
    result = torch.baddbmm(offset[:, None, None].expand(-1, 3, 1), matrix, images.float().flatten(2))
    return result.view_as(images).clamp_(0, 255).div_(255)


def hue_rotation(angle: torch.Tensor) -> torch.Tensor:
    """Matrices [n, 3, 3] that turn colors around the gray axis by angle [n] in radians (Rodrigues)."""
    cosine, sine = angle.cos(), angle.sin() * math.sqrt(1 / 3)
    rest = (1 - cosine) / 3
    same, before, after = cosine + rest, rest - sine, rest + sine
    return torch.stack((same, before, after, after, same, before, before, after, same), 1).view(-1, 3, 3)
