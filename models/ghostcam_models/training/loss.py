"""The detector's loss: classes (BCE), boxes (CIoU), side distributions (DFL), and the teacher's dense maps."""

import math

import torch
import torch.nn.functional as F

from ghostcam_models.model.network import REG_MAX
from ghostcam_models.teachers.dense import TeacherMaps
from ghostcam_models.training.assigner import assign, locations

BOX_GAIN, CLASS_GAIN, DFL_GAIN = 7.5, 0.5, 1.5  # YOLOv8's
TEACHER_BOX_GAIN = 2.0
TEACHER_SURE = 0.1  # below this score a teacher's box says nothing


def flat(outputs: list[tuple[torch.Tensor, torch.Tensor]]) -> tuple[torch.Tensor, torch.Tensor]:
    """The network's levels of (box, class) logits [B, C, H, W] as box [B, A, 4 * REG_MAX] and class [B, A, C]."""
    box, cls = zip(*outputs, strict=True)
    return tuple(
        torch.cat([level.flatten(2).transpose(1, 2) for level in levels], 1).float() for levels in (box, cls)
    )


def decode(logits: torch.Tensor, centres: torch.Tensor, strides: torch.Tensor) -> torch.Tensor:
    """Side distributions [B, A, 4 * REG_MAX] (left, top, right, bottom) to corners [B, A, 4] in pixels."""
    bins = torch.arange(REG_MAX, device=logits.device, dtype=logits.dtype)
    distances = (logits.unflatten(-1, (4, REG_MAX)).softmax(-1) @ bins) * strides[:, None]
    return torch.cat((centres - distances[..., :2], centres + distances[..., 2:]), -1)


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
    box: torch.Tensor, logits: torch.Tensor, targets: torch.Tensor, size: int
) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """Loss of raw outputs box [B, A, 4 * REG_MAX] and class logits [B, A, C] against targets [B, M, 6].

    Returns the sum over the batch divided by the sum of its goals, and the parts, detached.
    """
    centres, strides = locations(size, box.device)
    found = assign(logits.detach().sigmoid(), decode(box.detach(), centres, strides), targets, centres)
    total = found.goal.sum().clamp(min=1.0)
    wanted = F.one_hot(found.label, logits.shape[2]) * found.goal[..., None]
    wrong = F.binary_cross_entropy_with_logits(logits, wanted, reduction='none')
    cls = wrong.masked_fill(found.ignore, 0).sum() / total
    image, place = (found.goal > 0).nonzero(as_tuple=True)
    goal, true = found.goal[image, place], found.box[image, place]
    raw, centre, stride = box[image, place], centres[place], strides[place]
    overlap = ciou(decode(raw, centre, stride), true)
    iou = ((1 - overlap) * goal).sum() / total
    dfl = (side_loss(raw, true, centre, stride) * goal).sum() / total
    loss = BOX_GAIN * iou + CLASS_GAIN * cls + DFL_GAIN * dfl
    return loss, {'box': iou.detach(), 'cls': cls.detach(), 'dfl': dfl.detach()}


def side_loss(
    raw: torch.Tensor, true: torch.Tensor, centre: torch.Tensor, stride: torch.Tensor
) -> torch.Tensor:
    """Distribution focal loss [P] (Li et al., arXiv 2006.04388): cross entropy with the two bins around each side."""
    distance = torch.cat((centre - true[:, :2], true[:, 2:] - centre), 1) / stride[:, None]
    distance = distance.clamp(0, REG_MAX - 1.01)
    low = distance.long()
    above = distance - low
    log = raw.unflatten(-1, (4, REG_MAX)).log_softmax(-1)
    near = log.gather(-1, low[..., None])[..., 0] * (1 - above)
    far = log.gather(-1, low[..., None] + 1)[..., 0] * above
    return -(near + far).mean(-1)


def distillation_loss(
    box: torch.Tensor, logits: torch.Tensor, teacher: TeacherMaps, size: int
) -> torch.Tensor:
    """Pull raw outputs towards a teacher's maps, most where they disagree.

    Classes by BCE weighted with the distance of the scores (quality focal loss, arXiv 2006.04388); boxes by CIoU
    weighted with the teacher's score. Where the teacher is not trusted, it may raise a score but not lower it.
    """
    scores = logits.detach().sigmoid()
    goal = torch.where(teacher.trusted[..., None], teacher.scores, torch.maximum(teacher.scores, scores))
    wrong = F.binary_cross_entropy_with_logits(logits, goal, reduction='none') * (goal - scores).abs()
    cls = wrong.sum() / goal.sum().clamp(min=1.0)
    best = teacher.scores.amax(2)
    image, place = (best > TEACHER_SURE).nonzero(as_tuple=True)
    centres, strides = locations(size, box.device)
    overlap = ciou(decode(box[image, place], centres[place], strides[place]), teacher.boxes[image, place])
    sure = best[image, place]
    return cls + TEACHER_BOX_GAIN * ((1 - overlap) * sure).sum() / sure.sum().clamp(min=1.0)
