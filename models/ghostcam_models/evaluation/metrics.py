"""Average precision as COCO counts it, and precision and recall at a threshold.

Detections are [n, 6] (class, x1, y1, x2, y2, score), truths [m, 5] (class, x1, y1, x2, y2), one array an image.
"""

from dataclasses import dataclass

import numpy as np

from ghostcam_models.common.boxes import area, iou

THRESHOLDS = np.linspace(0.5, 0.95, 10)
"""IoU thresholds of AP50-95."""

RECALLS = np.linspace(0, 1, 101)
"""Recalls at which precision is interpolated."""

SIZES = {'small': (0, 32**2), 'medium': (32**2, 96**2), 'large': (96**2, np.inf)}
"""Object sizes by box area, as COCO's; in pixels of an image whose long side is 640."""


@dataclass(frozen=True)
class ClassResult:
    """AP at IoU .5 and mean AP over IoU .5 to .95 of one class, and how many objects it was counted on."""

    ap50: float
    ap: float
    count: int


def match(boxes: np.ndarray, truths: np.ndarray, ignore: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pair detections (best first, [n, 4]) with truths [m, 4] of one image and class, per IoU threshold.

    A truth is taken once, by the best-scored detection that overlaps it enough, preferring the largest overlap
    and truths that count (ignore [m] marks those that don't). Returns two bool arrays [10, n]: hit, and ignored
    (matched to a truth that doesn't count).
    """
    hit = np.zeros((len(THRESHOLDS), len(boxes)), bool)
    ignored = np.zeros_like(hit)
    if not len(boxes) or not len(truths):
        return hit, ignored
    overlaps = iou(boxes, truths)
    for t, threshold in enumerate(THRESHOLDS - 1e-9):
        free = np.ones(len(truths), bool)
        for d in np.nonzero(overlaps.max(1) >= threshold)[0]:
            fitting = free & (overlaps[d] >= threshold)
            counted = fitting & ~ignore
            if counted.any() or fitting.any():
                best = np.where(counted if counted.any() else fitting, overlaps[d], -1).argmax()
                free[best] = False
                (ignored if ignore[best] else hit)[t, d] = True
    return hit, ignored


def interpolated_ap(hits: np.ndarray, count: int) -> float:
    """101-point interpolated AP of a bool array [n] of hits by falling score, for count objects."""
    found = np.cumsum(hits)
    recall = found / count
    precision = found / np.arange(1, len(hits) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    at = np.searchsorted(recall, RECALLS - 1e-9)
    return float(
        np.where(at < len(envelope), np.append(envelope, 0)[np.minimum(at, len(envelope))], 0).mean()
    )


def average_precision(
    detections: list[np.ndarray],
    truths: list[np.ndarray],
    classes: list[int],
    scales: list[float] | None = None,
    size: tuple[float, float] = (0, np.inf),
) -> dict[int, ClassResult]:
    """AP per class over all images; classes without an object are left out.

    size limits the count to truths of that area range after multiplying by scales[image] ** 2; detections of
    other sizes that hit nothing are ignored, as in COCO's evaluation by size.
    """
    results = {}
    for label in classes:
        scores, hits, ignored_hits, count = [], [], [], 0
        for i, (found, true) in enumerate(zip(detections, truths, strict=True)):
            factor = scales[i] ** 2 if scales else 1.0
            found, true = found[found[:, 0] == label], true[true[:, 0] == label]
            found = found[np.argsort(-found[:, 5], kind='stable')]
            ignore = ~_within(true[:, 1:5], factor, size)
            hit, ignored = match(found[:, 1:5], true[:, 1:5], ignore)
            count += int((~ignore).sum())
            scores.append(found[:, 5])
            hits.append(hit)
            ignored_hits.append(ignored | (~hit & ~_within(found[:, 1:5], factor, size)[None]))
        if not count:
            continue
        order = np.argsort(-np.concatenate(scores), kind='stable')
        hit, ignored = np.concatenate(hits, 1)[:, order], np.concatenate(ignored_hits, 1)[:, order]
        aps = [
            interpolated_ap(h[~a], count) if len(h[~a]) else 0.0 for h, a in zip(hit, ignored, strict=True)
        ]
        results[label] = ClassResult(aps[0], float(np.mean(aps)), count)
    return results


def _within(boxes: np.ndarray, factor: float, size: tuple[float, float]) -> np.ndarray:
    areas = area(boxes) * factor
    return (areas >= size[0]) & (areas < size[1])


@dataclass(frozen=True)
class OperatingPoint:
    """Counts at a score threshold and IoU .5."""

    true_positives: int
    false_positives: int
    false_negatives: int

    @property
    def precision(self) -> float:
        """Part of the detections that are right; 0 without any."""
        return self.true_positives / max(self.true_positives + self.false_positives, 1)

    @property
    def recall(self) -> float:
        """Part of the objects that are detected; 0 without any."""
        return self.true_positives / max(self.true_positives + self.false_negatives, 1)


def operating_point(
    detections: list[np.ndarray], truths: list[np.ndarray], label: int, score: float
) -> OperatingPoint:
    """Counts of one class over all images, of detections above a score threshold."""
    true_positives = false_positives = objects = 0
    for found, true in zip(detections, truths, strict=True):
        found = found[(found[:, 0] == label) & (found[:, 5] > score)]
        found = found[np.argsort(-found[:, 5], kind='stable')]
        true = true[true[:, 0] == label]
        hit, _ = match(found[:, 1:5], true[:, 1:5], np.zeros(len(true), bool))
        true_positives += int(hit[0].sum())
        false_positives += int((~hit[0]).sum())
        objects += len(true)
    return OperatingPoint(true_positives, false_positives, objects - true_positives)
