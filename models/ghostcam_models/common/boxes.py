"""Box arithmetic shared by labelling, training data and evaluation.

Boxes are float arrays [n, 4] of corners (x1, y1, x2, y2) in pixels. Detections are float32 arrays [n, 6] of
(class, x1, y1, x2, y2, score), ordered by falling score.
"""

import numpy as np

EMPTY = np.zeros((0, 6), np.float32)


def area(boxes: np.ndarray) -> np.ndarray:
    """Areas [n] of boxes [n, 4]; 0 for a box turned inside out."""
    return np.clip(boxes[:, 2] - boxes[:, 0], 0, None) * np.clip(boxes[:, 3] - boxes[:, 1], 0, None)


def intersection(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Common area [n, m] of every box of a [n, 4] with every box of b [m, 4]."""
    width = np.minimum(a[:, None, 2], b[None, :, 2]) - np.maximum(a[:, None, 0], b[None, :, 0])
    height = np.minimum(a[:, None, 3], b[None, :, 3]) - np.maximum(a[:, None, 1], b[None, :, 1])
    return np.clip(width, 0, None) * np.clip(height, 0, None)


def iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Intersection over union [n, m] of boxes a [n, 4] and b [m, 4]."""
    common = intersection(a, b)
    return common / np.maximum(area(a)[:, None] + area(b)[None] - common, 1e-9)


def candidates(boxes: np.ndarray, scores: np.ndarray, score: float, every_class: bool) -> np.ndarray:
    """Detections [n, 6] above a score, before suppression, of the boxes [A, 4] and scores [A, classes] of A locations.

    A location gives one of its best class, as in the daemon; with every_class one of each, as AP is measured with COCO's
    tools, to which a second class of low score is not wrong.
    """
    if every_class:
        location, label = np.nonzero(scores > score)
    else:
        location, label = np.nonzero(scores.max(1) > score)[0], scores.argmax(1)
        label = label[location]
    return np.column_stack((label, boxes[location], scores[location, label]))


def nms(detections: np.ndarray, threshold: float, keep: int = 300) -> np.ndarray:
    """Greedy class-aware non-maximum suppression.

    Returns the rows of detections [n, 6] that no higher-scored row of the same class overlaps by more than
    threshold, best first, at most keep of them.
    """
    rows = detections[np.argsort(-detections[:, 5], kind='stable')]
    overlaps = (iou(rows[:, 1:5], rows[:, 1:5]) > threshold) & (rows[:, None, 0] == rows[None, :, 0])
    alive = np.ones(len(rows), bool)
    for i in range(len(rows)):
        if alive[i]:
            alive[i + 1 :] &= ~overlaps[i, i + 1 :]
    return rows[alive][:keep]


def weighted_boxes_fusion(views: list[np.ndarray], threshold: float = 0.55) -> np.ndarray:
    """Merge what several detectors (or one detector on several views) saw in one image.

    Weighted boxes fusion (Solovyev et al., arXiv 1910.13302): boxes of one class that overlap by more than
    threshold become their score-weighted mean; a view counts once per object, and one that missed it counts 0,
    so that the fused score is agreement times confidence. views: a list of [n, 6]; returns [m, 6].
    """
    rows = np.concatenate(views) if views else EMPTY
    view = np.concatenate([np.full(len(v), k) for k, v in enumerate(views)]) if views else np.zeros(0, int)
    order = np.argsort(-rows[:, 5], kind='stable')
    rows, view = rows[order], view[order]
    overlaps = (iou(rows[:, 1:5], rows[:, 1:5]) > threshold) & (rows[:, None, 0] == rows[None, :, 0])
    free = np.ones(len(rows), bool)
    fused = []
    for i in range(len(rows)):
        if not free[i]:
            continue
        members = np.nonzero(free & overlaps[i])[0] if overlaps[i, i] else np.array([i])
        free[members] = False
        _, first = np.unique(view[members], return_index=True)  # the best box of each view
        best = rows[members[first]]
        score = best[:, 5]
        box = (best[:, 1:5] * score[:, None]).sum(0) / score.sum()
        fused.append([rows[i, 0], *box, score.sum() / len(views)])
    result = np.array(fused, np.float32).reshape(-1, 6)
    return result[np.argsort(-result[:, 5], kind='stable')]
