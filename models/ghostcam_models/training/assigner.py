"""Which grid location learns which object: the task-aligned assigner (Feng et al., TOOD, arXiv 2108.07755).

Shapes: B images, M targets an image, A grid locations over all strides, C classes. Boxes are corners in pixels.
"""

from dataclasses import dataclass
from functools import cache

import torch

from ghostcam_models.model.decode import grid
from ghostcam_models.model.network import STRIDES

TOP_K = 10
"""Locations that learn an object."""

ALPHA, BETA = 0.5, 6.0
"""Powers of the score and of the IoU in the alignment."""


Shape = tuple[int, int]
"""Width and height of an input, multiples of the coarsest stride."""


@cache
def locations(shape: Shape, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Centers [A, 2] in pixels and strides [A] of every location of an input, row by row, fine to coarse."""
    width, height = shape
    centers, strides = [], []
    for stride in STRIDES:
        centers.append((grid(height // stride, width // stride, device) + 0.5) * stride)
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
    (-1: none), corners, kind (1 object, 0 ignore region). Each object takes the TOP_K locations inside it (a small one:
    inside a square of the finest stride) by the alignment, score ** ALPHA * IoU ** BETA; a location that several take
    goes to the one it overlaps most. The target score is the alignment, scaled so that an object's best location has
    its best IoU as target.
    """
    labels = targets[..., 0].clamp(min=0).long()
    corners = targets[..., 1:5]
    objects = (targets[..., 0] >= 0) & (targets[..., 5] > 0)
    ignored = (targets[..., 0] >= 0) & (targets[..., 5] <= 0)
    inside = _inside(centers, _grown(corners))  # [B, M, A]
    # Most locations lie in no target: only the pairs that do are computed.
    image, target, place = (inside & objects[..., None]).nonzero(as_tuple=True)
    overlap, alignment = (torch.zeros(inside.shape, device=scores.device) for _ in range(2))
    pair_iou = paired_iou(corners[image, target], boxes[image, place])
    pair_score = scores[image, place, labels[image, target]]
    overlap[image, target, place] = pair_iou
    alignment[image, target, place] = pair_score.pow(ALPHA) * pair_iou.pow(BETA)
    least = alignment.topk(min(TOP_K, alignment.shape[2]), 2).values[..., -1:]
    chosen = (alignment >= least) & (alignment > 0)
    owner_overlap, owner = (overlap * chosen).max(1)  # [B, A]
    chosen &= torch.arange(targets.shape[1], device=owner.device)[None, :, None] == owner[:, None]
    alignment, overlap = alignment * chosen, overlap * chosen
    scaled = alignment * overlap.amax(2, keepdim=True) / (alignment.amax(2, keepdim=True) + 1e-9)
    positive = owner_overlap > 0
    image, target, place = (inside & ignored[..., None]).nonzero(as_tuple=True)
    ignore = torch.zeros(scores.shape, dtype=torch.bool, device=scores.device)
    ignore[image, place, labels[image, target]] = True
    return Assignment(
        target_score=scaled.amax(1) * positive,
        label=labels.gather(1, owner),
        box=corners.gather(1, owner[..., None].expand(-1, -1, 4)),
        ignore=ignore & ~positive[..., None],
    )


def _grown(corners: torch.Tensor) -> torch.Tensor:
    """Corners [..., 4] with both sides at least the finest stride: no location may lie in a smaller object."""
    center = (corners[..., :2] + corners[..., 2:]) / 2
    half = ((corners[..., 2:] - corners[..., :2]) / 2).clamp(min=STRIDES[0] / 2 + 0.01)
    return torch.cat((center - half, center + half), -1)


def _inside(centers: torch.Tensor, corners: torch.Tensor) -> torch.Tensor:
    """bool [B, M, A]: location a lies in target m."""
    x, y = centers[:, 0], centers[:, 1]
    left, top, right, bottom = corners[..., None].unbind(2)
    return (x > left) & (x < right) & (y > top) & (y < bottom)
