"""Networks with random weights that answer as trained ones do: differently from place to place, and not all alike."""

import math
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from ghostcam_models.common.image_size import ImageSize
from ghostcam_models.inference.reference import letterbox
from ghostcam_models.model.network import REG_MAX, Config, Network

PHOTOS = sorted((Path(__file__).parents[1] / 'fixtures' / 'photos').glob('*.png'))


def photo_tensor(path: Path, size: ImageSize) -> torch.Tensor:
    """A photograph letterboxed into the input, [1, 3, H, W]."""
    canvas, _ = letterbox(np.asarray(Image.open(path).convert('RGB')), size.width, size.height, 114)
    return torch.from_numpy((canvas / 255).transpose(2, 0, 1)[None].astype(np.float32))


def random_network(config: Config, size: ImageSize, busy: float = 0.01) -> Network:
    """Random weights, batch norms that know photographs, boxes of a few strides, and on every level each class with a
    score above 0.05 at so many of all locations.
    """
    torch.manual_seed(0)
    network = Network(config).train()
    for norm in network.modules():
        if isinstance(norm, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(norm.weight, 0.8, 1.2)
            torch.nn.init.uniform_(norm.bias, -0.2, 0.2)
            norm.momentum = None  # the mean over all batches
    photos = torch.cat([photo_tensor(path, size) for path in PHOTOS])
    with torch.no_grad():
        network(photos)
        head = network.eval().layers[-1]
        for box in head.box:
            box[-1].bias[:] = -0.4 * torch.arange(REG_MAX).repeat(4)
        for cls, (_, logits) in zip(head.cls, network(photos), strict=True):
            cls[-1].bias += math.log(0.05 / 0.95) - logits.transpose(0, 1).flatten(1).quantile(1 - busy, 1)
    return network
