"""One set of training boxes per image, from a set's own labels and what the teachers detect.

A set labels some classes, and not always every object of them. Everything else must be filled in, or the detector
learns that unlabelled people are background. Rows are float32 [n, 6]: class, corners, kind (OBJECT or IGNORE).
"""

from dataclasses import dataclass

import numpy as np

from ghostcam_models.common.boxes import iou, weighted_boxes_fusion
from ghostcam_models.common.labels import CLASS_NAMES
from ghostcam_models.data.sources import Source

OBJECT, IGNORE = 1, 0
OBJECT_SCORE = 0.42
"""Fused teacher score from which a box is an object."""

IGNORE_SCORE = 0.25
"""Fused teacher score from which a box is at least ignored: neither object nor background.

Of one teacher's detections, .15 would ignore six times as many boxes as there are objects, which leaves most clutter
without a penalty; .25 ignores twice as many.
"""

MATCH_IOU = 0.45
"""IoU of a teacher's box with a labelled one from which both mean one object."""

CONFUSED_CLASSES = (
    ('person',),
    ('bicycle', 'motorcycle'),
    ('car', 'bus', 'truck'),
    ('bird',),
    ('cat', 'dog', 'horse', 'sheep', 'cow'),
)
"""Classes that labellers and teachers take for each other: the label wins over a teacher's other class."""

GROUP_OF_CLASS = np.array(
    [next(i for i, group in enumerate(CONFUSED_CLASSES) if name in group) for name in CLASS_NAMES]
)


@dataclass(frozen=True)
class Labelling:
    """What a source labels, as class indices: those whose every object has a box, and those with unreliable boxes."""

    exhaustive: frozenset[int] = frozenset()
    unreliable: frozenset[int] = frozenset()

    @classmethod
    def of(cls, source: Source) -> 'Labelling':
        return cls(
            *(frozenset(map(CLASS_NAMES.index, names)) for names in (source.exhaustive, source.unreliable))
        )


def merge(labelling: Labelling, boxes: np.ndarray, views: list[np.ndarray]) -> np.ndarray:
    """Training rows of one image.

    boxes [n, 5] are the source's labels, views the teachers' detections [n, 6] (see pseudo_labels.py). Classes that the
    source labels exhaustively take nothing from the teachers; an unreliable label counts only where a teacher confirms
    it, and then with the teacher's box.
    """
    unreliable = np.isin(boxes[:, 0].astype(int), list(labelling.unreliable))
    kept, unconfirmed = boxes[~unreliable], boxes[unreliable]
    rows = [(*row, OBJECT) for row in kept]
    for label, *corners, score in weighted_boxes_fusion(views):
        if int(label) in labelling.exhaustive or score < IGNORE_SCORE:
            continue
        box = np.array([(label, *corners)], np.float32)
        if _overlaps(box, kept):
            continue
        rows.append((label, *corners, OBJECT if score >= OBJECT_SCORE else IGNORE))
        if score >= OBJECT_SCORE:
            kept = np.concatenate((kept, box))
    rows += [(*row, IGNORE) for row in unconfirmed if not _overlaps(row[None], kept)]
    return np.array(rows, np.float32).reshape(-1, 6)


def _overlaps(box: np.ndarray, others: np.ndarray) -> bool:
    """Whether box [1, 5] means the same object as one of others [n, 5]."""
    related = others[GROUP_OF_CLASS[others[:, 0].astype(int)] == GROUP_OF_CLASS[int(box[0, 0])]]
    return bool((iou(box[:, 1:5], related[:, 1:5]) >= MATCH_IOU).any())
