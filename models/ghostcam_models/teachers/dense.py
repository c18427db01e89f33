"""A teacher's dense predictions on augmented batches, for distillation: NanoDet-Plus, whose grid is the student's.

It is the best of the teachers and predicts from strides 8, 16 and 32 as the student does, so that its maps can be
copied location by location. Objects that it predicts from its fourth stride, 64, have no counterpart: there the
student is not pulled down (see `TeacherMaps.valid`).
"""

from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F

from ghostcam_models.model.decode import corners, expected_distances, grid
from ghostcam_models.model.network import STRIDES
from ghostcam_models.teachers.onnx_module import OnnxModule
from ghostcam_models.teachers.zoo import COCO, IMAGENET_MEAN, IMAGENET_STD, TEACHERS

COARSE_STRIDE = 64
COARSE_SCORE = 0.08
"""Score on the coarse stride from which an object counts as predicted there."""


@dataclass
class TeacherMaps:
    """What a teacher predicts at every location.

    scores [B, A, C]; boxes [B, A, 4] in pixels; valid bool [B, A], false where the teacher predicts an object from a
    coarser grid than the student has.
    """

    scores: torch.Tensor
    boxes: torch.Tensor
    valid: torch.Tensor


class DenseTeacher:
    """NanoDet-Plus on batches of images whose sides are multiples of 64; on their device, computed in dtype."""

    def __init__(self, folder: Path, device: torch.device, dtype: torch.dtype):
        module = OnnxModule(folder / TEACHERS['nanodet'].file)
        self.dtype = dtype
        self.module = module.to(device, dtype, memory_format=torch.channels_last)
        self.mean, self.std = (
            torch.from_numpy(v).to(device)[None, :, None, None] for v in (IMAGENET_MEAN, IMAGENET_STD)
        )

    @torch.no_grad()
    def predict(self, images: torch.Tensor) -> TeacherMaps:
        """Maps for images [B, 3, H, W] RGB in 0..1."""
        bgr = ((images * 255 - self.mean) / self.std).flip(1).to(self.dtype)
        outputs = self.module(bgr.contiguous(memory_format=torch.channels_last))
        levels = [
            _decode(outputs[f'cls{stride}'].float(), outputs[f'dis{stride}'].float(), stride)
            for stride in STRIDES
        ]
        return TeacherMaps(
            torch.cat([scores for scores, _ in levels], 1),
            torch.cat([boxes for _, boxes in levels], 1),
            _valid(outputs[f'cls{COARSE_STRIDE}'][:, COCO].float(), *images.shape[2:]),
        )


def _decode(cls: torch.Tensor, box: torch.Tensor, stride: int) -> tuple[torch.Tensor, torch.Tensor]:
    """One level's maps [B, 80, h, w] and [B, 32, h, w] to scores [B, hw, 12] and corners [B, hw, 4] in pixels."""
    scores = cls[:, COCO].flatten(2).transpose(1, 2)
    distances = expected_distances(box.flatten(2).transpose(1, 2))
    return scores, corners(distances, grid(*box.shape[2:], box.device)) * stride


def _valid(coarse: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """bool [B, A]: no object is predicted from the coarse level [B, 12, h, w] at or beside this location."""
    kept = F.max_pool2d(coarse.amax(1, keepdim=True), 3, 1, 1) > COARSE_SCORE
    return torch.cat(
        [~F.interpolate(kept.float(), size=(height // s, width // s)).flatten(1).bool() for s in STRIDES], 1
    )
