"""Which grid location learns which object: the task-aligned assigner (Feng et al., TOOD, arXiv 2108.07755).

Shapes: B images, M targets an image, A grid locations over all strides, C classes. Boxes are corners in pixels.
"""

from dataclasses import dataclass
from functools import cache

import torch
import torch.nn.functional as F

from ghostcam_models.model.decode import grid
from ghostcam_models.model.network import STRIDES

TOP_K = 10
"""Locations that learn an object."""

ALPHA, BETA = 0.5, 6.0
"""Powers of the score and of the IoU in the alignment."""


@cache
def locations(size: int, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Centers [A, 2] in pixels and strides [A] of every location of a square input, row by row, fine to coarse."""
    centers, strides = [], []
    for stride in STRIDES:
        centers.append((grid(size // stride, size // stride, device) + 0.5) * stride)
        strides.append(torch.full((len(centers[-1]),), float(stride), device=device))
    return torch.cat(centers), torch.cat(strides)


def paired_iou(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Intersection over union of broadcastable boxes [..., 4]."""
    low, high = torch.maximum(a[..., :2], b[..., :2]), torch.minimum(a[..., 2:], b[..., 2:])
    common = (high - low).clamp(min=0).prod(-1)
    areas = (a[..., 2:] - a[..., :2]).clamp(min=0).prod(-1) + (b[..., 2:] - b[..., :2]).clamp(min=0).prod(-1)
    return common / (areas - common + 1e-7)


@dataclass
class Assignment:
    """For each location: target_score [B, A], the class score it should reach (0: background); label [B, A] and box
    [B, A, 4] of its object; ignore [B, A, C], classes whose score is left out of the loss there."""

    target_score: torch.Tensor
    label: torch.Tensor
    box: torch.Tensor
    ignore: torch.Tensor


@torch.no_grad()
def assign(
    scores: torch.Tensor, boxes: torch.Tensor, targets: torch.Tensor, centers: torch.Tensor
) -> Assignment:
    """Match predictions with objects.

    scores [B, A, C] after the sigmoid and boxes [B, A, 4] are the predictions; targets [B, M, 6] are class
    (-1: none), corners, kind (1 object, 0 ignore region). Each object takes the TOP_K locations inside it by the
    alignment, score ** ALPHA * IoU ** BETA; a location that several take goes to the one it overlaps most. The target
    score is the alignment, scaled so that an object's best location has its best IoU as target.
    """
    labels = targets[..., 0].clamp(min=0).long()
    corners = targets[..., 1:5]
    objects = (targets[..., 0] >= 0) & (targets[..., 5] > 0)
    ignored = (targets[..., 0] >= 0) & (targets[..., 5] <= 0)
    inside = _inside(centers, corners)  # [B, M, A]
    overlap = paired_iou(corners[:, :, None], boxes[:, None]) * (inside & objects[..., None])
    score = scores.transpose(1, 2).gather(1, labels[..., None].expand(-1, -1, scores.shape[1]))
    alignment = score.pow(ALPHA) * overlap.pow(BETA)
    least = alignment.topk(min(TOP_K, alignment.shape[2]), 2).values[..., -1:]
    chosen = (alignment >= least) & (alignment > 0)
    owner_overlap, owner = (overlap * chosen).max(1)  # [B, A]
    chosen &= torch.arange(targets.shape[1], device=owner.device)[None, :, None] == owner[:, None]
    alignment, overlap = alignment * chosen, overlap * chosen
    scaled = alignment * overlap.amax(2, keepdim=True) / (alignment.amax(2, keepdim=True) + 1e-9)
    positive = owner_overlap > 0
    ignored_classes = F.one_hot(labels, scores.shape[2]) * ignored[..., None]  # [B, M, C]
    ignore = torch.bmm(inside.transpose(1, 2).to(scores.dtype), ignored_classes.to(scores.dtype)) > 0
    return Assignment(
        target_score=scaled.amax(1) * positive,
        label=labels.gather(1, owner),
        box=corners.gather(1, owner[..., None].expand(-1, -1, 4)),
        ignore=ignore & ~positive[..., None],
    )


def _inside(centers: torch.Tensor, corners: torch.Tensor) -> torch.Tensor:
    """bool [B, M, A]: location a lies in target m."""
    x, y = centers[:, 0], centers[:, 1]
    left, top, right, bottom = corners[..., None].unbind(2)
    return (x > left) & (x < right) & (y > top) & (y < bottom)
