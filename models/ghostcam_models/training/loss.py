"""The detector's loss: classes (BCE), boxes (CIoU), side distributions (DFL), and the teacher's dense maps."""

import math

import torch
import torch.nn.functional as F

from ghostcam_models.model.decode import corners, expected_distances
from ghostcam_models.model.network import REG_MAX
from ghostcam_models.teachers.dense import TeacherMaps
from ghostcam_models.training.assigner import Shape, assign, locations

BOX_GAIN, CLASS_GAIN, DFL_GAIN = 7.5, 0.5, 1.5
"""Weights of the parts, YOLOv8's."""

DISTILL_BOX_GAIN = 2.0
"""Weight of the boxes in the distillation loss, against its classes' 1."""

MIN_TEACHER_SCORE = 0.1
"""Score below which a teacher's box is not learned from."""


def flatten_levels(outputs: list[tuple[torch.Tensor, torch.Tensor]]) -> tuple[torch.Tensor, torch.Tensor]:
    """The network's levels of (box, class) logits [B, C, H, W] as box [B, A, 4 * REG_MAX] and class [B, A, C]."""
    box, cls = zip(*outputs, strict=True)
    return tuple(
        torch.cat([level.flatten(2).transpose(1, 2) for level in levels], 1).float() for levels in (box, cls)
    )


def decode(logits: torch.Tensor, centers: torch.Tensor, strides: torch.Tensor) -> torch.Tensor:
    """Side distributions [B, A, 4 * REG_MAX] (left, top, right, bottom) to corners [B, A, 4] in pixels."""
    return corners(expected_distances(logits) * strides[:, None], centers)


def ciou(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Complete IoU [...] of boxes [..., 4], differentiable in a (Zheng et al., arXiv 1911.08287)."""
    eps = 1e-7
    size_a, size_b = a[..., 2:] - a[..., :2], b[..., 2:] - b[..., :2]
    low, high = torch.maximum(a[..., :2], b[..., :2]), torch.minimum(a[..., 2:], b[..., 2:])
    common = (high - low).clamp(min=0).prod(-1)
    iou = common / (size_a.prod(-1) + size_b.prod(-1) - common + eps)
    hull = torch.maximum(a[..., 2:], b[..., 2:]) - torch.minimum(a[..., :2], b[..., :2])
    diagonal = hull.square().sum(-1) + eps
    apart = (a[..., :2] + a[..., 2:] - b[..., :2] - b[..., 2:]).square().sum(-1) / 4
    angle = torch.atan(size_a[..., 0] / (size_a[..., 1] + eps)) - torch.atan(
        size_b[..., 0] / (size_b[..., 1] + eps)
    )
    shape = 4 / math.pi**2 * angle.square()
    with torch.no_grad():
        trade = shape / (shape - iou + 1 + eps)
    return iou - apart / diagonal - trade * shape


def detection_loss(
    box: torch.Tensor, logits: torch.Tensor, targets: torch.Tensor, shape: Shape
) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """Loss of raw outputs box [B, A, 4 * REG_MAX] and class logits [B, A, C] against targets [B, M, 6].

    Returns the sum over the batch divided by the sum of its target scores, and the parts box, cls and dfl, detached.
    """
    centers, strides = locations(shape, box.device)
    assigned = assign(logits.detach().sigmoid(), decode(box.detach(), centers, strides), targets, centers)
    total = assigned.target_score.sum().clamp(min=1.0)
    target_scores = F.one_hot(assigned.label, logits.shape[2]) * assigned.target_score[..., None]
    bce = F.binary_cross_entropy_with_logits(logits, target_scores, reduction='none')
    cls = bce.masked_fill(assigned.ignore, 0).sum() / total
    image, place = (assigned.target_score > 0).nonzero(as_tuple=True)
    weight, target = assigned.target_score[image, place], assigned.box[image, place]
    raw, center, stride = box[image, place], centers[place], strides[place]
    overlap = ciou(decode(raw, center, stride), target)
    iou = ((1 - overlap) * weight).sum() / total
    dfl = (dfl_loss(raw, target, center, stride) * weight).sum() / total
    loss = BOX_GAIN * iou + CLASS_GAIN * cls + DFL_GAIN * dfl
    return loss, {'box': iou.detach(), 'cls': cls.detach(), 'dfl': dfl.detach()}


def dfl_loss(
    raw: torch.Tensor, target: torch.Tensor, center: torch.Tensor, stride: torch.Tensor
) -> torch.Tensor:
    """Distribution focal loss [P] (Li et al., arXiv 2006.04388): cross entropy with the two bins around each side.

    raw [P, 4 * REG_MAX] are distributions at center [P, 2] in pixels with stride [P]; target [P, 4] are corners.
    """
    distance = torch.cat((center - target[:, :2], target[:, 2:] - center), 1) / stride[:, None]
    distance = distance.clamp(0, REG_MAX - 1.01)
    low = distance.long()
    above = distance - low
    log = raw.unflatten(-1, (4, REG_MAX)).log_softmax(-1)
    near = log.gather(-1, low[..., None])[..., 0] * (1 - above)
    far = log.gather(-1, low[..., None] + 1)[..., 0] * above
    return -(near + far).mean(-1)


def distillation_loss(
    box: torch.Tensor, logits: torch.Tensor, teacher: TeacherMaps, shape: Shape
) -> torch.Tensor:
    """Pull raw outputs box [B, A, 4 * REG_MAX] and logits [B, A, C] towards a teacher's maps, most where they disagree.

    Classes by BCE weighted with the distance of the scores (quality focal loss, arXiv 2006.04388); boxes by CIoU
    weighted with the teacher's score. Where the teacher is not valid, it may raise a score but not lower it.
    """
    scores = logits.detach().sigmoid()
    target = torch.where(teacher.valid[..., None], teacher.scores, torch.maximum(teacher.scores, scores))
    bce = F.binary_cross_entropy_with_logits(logits, target, reduction='none')
    cls = (bce * (target - scores).abs()).sum() / target.sum().clamp(min=1.0)
    best = teacher.scores.amax(2)
    image, place = (best > MIN_TEACHER_SCORE).nonzero(as_tuple=True)
    centers, strides = locations(shape, box.device)
    overlap = ciou(decode(box[image, place], centers[place], strides[place]), teacher.boxes[image, place])
    weight = best[image, place]
    return cls + DISTILL_BOX_GAIN * ((1 - overlap) * weight).sum() / weight.sum().clamp(min=1.0)
