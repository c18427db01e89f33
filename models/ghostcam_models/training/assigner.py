"""Which grid location learns which object: the task-aligned assigner (Feng et al., TOOD, arXiv 2108.07755).

Shapes: B images, M targets an image, A grid locations over all strides, C classes. Boxes are corners in pixels.
"""

from dataclasses import dataclass
from functools import cache

import torch
import torch.nn.functional as F

from ghostcam_models.model.network import STRIDES

TOP = 10  # locations per object
SCORE_POWER, OVERLAP_POWER = 0.5, 6.0


@cache
def locations(size: int, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Centres [A, 2] in pixels and strides [A] of every location of a square input, row by row, fine to coarse."""
    centres, strides = [], []
    for stride in STRIDES:
        side = torch.arange(size // stride, device=device) + 0.5
        y, x = torch.meshgrid(side, side, indexing='ij')
        centres.append(torch.stack((x, y), -1).view(-1, 2) * stride)
        strides.append(torch.full((len(centres[-1]),), float(stride), device=device))
    return torch.cat(centres), torch.cat(strides)


def paired_iou(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Intersection over union of broadcastable boxes [..., 4]."""
    low, high = torch.maximum(a[..., :2], b[..., :2]), torch.minimum(a[..., 2:], b[..., 2:])
    common = (high - low).clamp(min=0).prod(-1)
    areas = (a[..., 2:] - a[..., :2]).clamp(min=0).prod(-1) + (b[..., 2:] - b[..., :2]).clamp(min=0).prod(-1)
    return common / (areas - common + 1e-7)


@dataclass
class Assignment:
    """For each location: goal [B, A], the class score it should reach (0: background); label [B, A] and box
    [B, A, 4] of its object; ignore [B, A, C], classes whose score teaches nothing there."""

    goal: torch.Tensor
    label: torch.Tensor
    box: torch.Tensor
    ignore: torch.Tensor


@torch.no_grad()
def assign(
    scores: torch.Tensor, boxes: torch.Tensor, targets: torch.Tensor, centres: torch.Tensor
) -> Assignment:
    """Match predictions with objects.

    scores [B, A, C] after the sigmoid and boxes [B, A, 4] are the predictions; targets [B, M, 6] are class
    (-1: none), corners, kind (1 object, 0 ignore region). Each object takes the TOP locations inside it by
    score ** .5 * IoU ** 6; a location wanted by several goes to the one that it overlaps most. The goal is the
    alignment, scaled so that an object's best location has its best IoU as goal.
    """
    labels = targets[..., 0].clamp(min=0).long()
    corners = targets[..., 1:5]
    real = (targets[..., 0] >= 0) & (targets[..., 5] > 0)
    ignored = (targets[..., 0] >= 0) & (targets[..., 5] <= 0)
    inside = _inside(centres, corners)  # [B, M, A]
    overlap = paired_iou(corners[:, :, None], boxes[:, None]) * (inside & real[..., None])
    score = scores.transpose(1, 2).gather(1, labels[..., None].expand(-1, -1, scores.shape[1]))
    aligned = score.pow(SCORE_POWER) * overlap.pow(OVERLAP_POWER)
    best = aligned.topk(min(TOP, aligned.shape[2]), 2).values[..., -1:]
    chosen = (aligned >= best) & (aligned > 0)
    chosen_overlap = overlap * chosen
    owner_overlap, owner = chosen_overlap.max(1)  # [B, A]
    chosen &= torch.arange(targets.shape[1], device=owner.device)[None, :, None] == owner[:, None]
    aligned, overlap = aligned * chosen, overlap * chosen
    scaled = aligned * overlap.amax(2, keepdim=True) / (aligned.amax(2, keepdim=True) + 1e-9)
    taken = owner_overlap > 0
    unsure = F.one_hot(labels, scores.shape[2]) * ignored[..., None]  # [B, M, C]
    ignore = torch.bmm(inside.transpose(1, 2).to(scores.dtype), unsure.to(scores.dtype)) > 0
    return Assignment(
        goal=scaled.amax(1) * taken,
        label=labels.gather(1, owner),
        box=corners.gather(1, owner[..., None].expand(-1, -1, 4)),
        ignore=ignore & ~taken[..., None],
    )


def _inside(centres: torch.Tensor, corners: torch.Tensor) -> torch.Tensor:
    """bool [B, M, A]: location a lies in target m."""
    x, y = centres[:, 0], centres[:, 1]
    left, top, right, bottom = corners[..., None].unbind(2)
    return (x > left) & (x < right) & (y > top) & (y < bottom)
