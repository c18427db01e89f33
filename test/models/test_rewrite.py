"""What model/rewrite.py does to a network changes its operators and nothing of what it computes."""

import copy

import pytest
import torch
from networks import PHOTOS, photo_tensor, random_network
from torch import nn

from ghostcam_models.common.image_size import ImageSize
from ghostcam_models.model.blocks import C2f, GhostModule
from ghostcam_models.model.fuse import fuse
from ghostcam_models.model.network import BLOCKS, Config
from ghostcam_models.model.rewrite import REWRITES, rewrite

SIZE = ImageSize(192, 128)
REPLACED = {'ghost': GhostModule, 'upsample': nn.Upsample, 'split': C2f}


@pytest.mark.parametrize(
    'architecture,activation', [*((a, 'silu') for a in BLOCKS), ('yolov8-ghostnetv2', 'relu')]
)
def test_exact_alone_and_together(architecture, activation):
    """In double precision, where rounding does not hide a term that is missing."""
    network = random_network(Config(architecture, 'n', ('a', 'b'), activation), SIZE)
    fused = fuse(network).double()
    picture = photo_tensor(PHOTOS[0], SIZE).double()
    with torch.no_grad():
        expected = fused(picture)
        for names in (*((name,) for name in REWRITES), tuple(REWRITES)):
            rewritten = rewrite(copy.deepcopy(fused), names)
            left = tuple(REPLACED[name] for name in names)
            assert not any(isinstance(module, left) for module in rewritten.modules())
            for actual_level, level in zip(rewritten(picture), expected, strict=True):
                for actual, logits in zip(actual_level, level, strict=True):
                    torch.testing.assert_close(actual, logits, rtol=0, atol=1e-9)
