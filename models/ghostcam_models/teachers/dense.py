"""The teacher's opinion of augmented batches, at every location: NanoDet-Plus, whose grid is the student's.

It is the best of the teachers and predicts from strides 8, 16 and 32 as the student does, so that its maps can be
copied location by location. Objects that it keeps on its fourth, stride 64, have no counterpart: there the
student is left alone (see `TeacherMaps.trusted`).
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from ghostcam_models.model.network import STRIDES
from ghostcam_models.teachers.onnx_module import OnnxModule
from ghostcam_models.teachers.zoo import COCO, IMAGENET_MEAN, IMAGENET_STD, TEACHERS

COARSE = 64
COARSE_SURE = 0.08  # a score on the stride 64 that marks an object as kept there
BINS = 8


@dataclass
class TeacherMaps:
    """What a teacher says at every location: scores [B, A, C], boxes [B, A, 4] in pixels, and trusted [B, A],
    false where the teacher keeps an object on a coarser grid than the student has."""

    scores: torch.Tensor
    boxes: torch.Tensor
    trusted: torch.Tensor


class DenseTeacher:
    """NanoDet-Plus on batches of square images whose side is a multiple of 64; on their device, in bf16."""

    def __init__(self, folder: Path, device: torch.device):
        module = OnnxModule(folder / TEACHERS['nanodet'].file)
        self.module = module.to(device, torch.bfloat16, memory_format=torch.channels_last)
        self.mean, self.std = (
            torch.from_numpy(v).to(device)[None, :, None, None] for v in (IMAGENET_MEAN, IMAGENET_STD)
        )

    @torch.no_grad()
    def look(self, images: torch.Tensor) -> TeacherMaps:
        """Maps for images [B, 3, S, S] RGB in 0..1."""
        blue_first = ((images * 255 - self.mean) / self.std).flip(1).to(torch.bfloat16)
        outputs = self.module(blue_first.contiguous(memory_format=torch.channels_last))
        levels = [
            _decode(outputs[f'cls{stride}'].float(), outputs[f'dis{stride}'].float(), stride)
            for stride in STRIDES
        ]
        return TeacherMaps(
            torch.cat([scores for scores, _ in levels], 1),
            torch.cat([boxes for _, boxes in levels], 1),
            _trusted(outputs[f'cls{COARSE}'][:, COCO].float(), images.shape[-1]),
        )


def _decode(cls: torch.Tensor, box: torch.Tensor, stride: int) -> tuple[torch.Tensor, torch.Tensor]:
    """One level's maps [B, 80, h, w] and [B, 32, h, w] to scores [B, hw, 12] and corners [B, hw, 4] in pixels."""
    height, width = cls.shape[2:]
    scores = cls[:, COCO].flatten(2).transpose(1, 2)
    bins = torch.arange(BINS, device=box.device, dtype=box.dtype)
    distances = box.flatten(2).transpose(1, 2).unflatten(-1, (4, BINS)).softmax(-1) @ bins
    y, x = np.divmod(np.arange(height * width), width)
    corner = torch.from_numpy(np.column_stack((x, y)).astype(np.float32)).to(box.device)
    return scores, torch.cat((corner - distances[..., :2], corner + distances[..., 2:]), -1) * stride


def _trusted(coarse: torch.Tensor, size: int) -> torch.Tensor:
    """bool [B, A]: no object is kept on the coarse level [B, 12, h, w] at or beside this location."""
    kept = F.max_pool2d(coarse.amax(1, keepdim=True), 3, 1, 1) > COARSE_SURE
    return torch.cat(
        [~F.interpolate(kept.float(), size=(size // s, size // s)).flatten(1).bool() for s in STRIDES], 1
    )
