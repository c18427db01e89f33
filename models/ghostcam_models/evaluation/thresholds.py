"""From which score on a class is to be reported, in whole pictures and in regions of them, as the daemon infers either.

A region is a part of a picture at its own pixels, of the shape of the model's input. As in src/regions, a box that touches a side
of it beyond which the picture goes on is no detection.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from ghostcam_models.common.boxes import intersection
from ghostcam_models.common.image_size import ImageSize
from ghostcam_models.data.sets import Photo
from ghostcam_models.evaluation.detectors import Detector
from ghostcam_models.evaluation.evaluate import drop_ignored
from ghostcam_models.evaluation.metrics import operating_point

BETA = 0.5
"""Precision counts for twice as much as recall: who is missed in one picture is found in another, a false alarm stays one."""

BORDER = 0.012
"""How close to an inner border a box may be, in shares of the side, as in src/regions/inference.ts."""

LEAST_GAIN = 1.3
"""How many times larger than the whole picture a region must show things, as in src/regions/planner.ts."""


@dataclass(frozen=True)
class Point:
    """What a score gives, at IoU .5."""

    score: float
    precision: float
    recall: float

    @property
    def f(self) -> float:
        """F-measure with BETA; 0 where nothing is found."""
        weighted = BETA**2 * self.precision + self.recall
        return (1 + BETA**2) * self.precision * self.recall / weighted if weighted else 0.0


@dataclass(frozen=True)
class View:
    """What one inference is of: a window x1, y1, x2, y2 of a photo, in its pixels."""

    photo: Photo
    window: tuple[int, int, int, int]

    @property
    def pixels(self) -> np.ndarray:
        x1, y1, x2, y2 = self.window
        return self.photo.pixels[y1:y2, x1:x2]

    def cut(self, boxes: np.ndarray) -> np.ndarray:
        """Which boxes [n, 4] of the photo touch an inner side of the window, or reach beyond it."""
        x1, y1, x2, y2 = self.window
        height, width = self.photo.pixels.shape[:2]
        x, y = BORDER * (x2 - x1), BORDER * (y2 - y1)
        left = (x1 > 0) & (boxes[:, 0] < x1 + x)
        top = (y1 > 0) & (boxes[:, 1] < y1 + y)
        right = (x2 < width) & (boxes[:, 2] > x2 - x)
        bottom = (y2 < height) & (boxes[:, 3] > y2 - y)
        return left | top | right | bottom

    def truth(self) -> tuple[np.ndarray, np.ndarray]:
        """The objects [n, 5] that are whole in the window, and the boxes [m, 5] in which a detection is neither right nor wrong."""
        boxes = self.photo.boxes
        within = intersection(boxes[:, 1:5], np.array([self.window], float))[:, 0] > 0
        cut = self.cut(boxes[:, 1:5])
        return boxes[within & ~cut], np.concatenate((boxes[within & cut], self.photo.ignored))

    def found(self, rows: np.ndarray) -> np.ndarray:
        """Detections [n, 6] of the window's pixels as detections of the photo, without those that a border may have cut off."""
        x1, y1, _, _ = self.window
        moved = rows + np.array([0, x1, y1, x1, y1, 0])
        return moved[~self.cut(moved[:, 1:5])]


def whole(photo: Photo) -> View:
    height, width = photo.pixels.shape[:2]
    return View(photo, (0, 0, width, height))


def regions(photo: Photo, shape: ImageSize) -> Iterator[View]:
    """The corners of a photo and its middle, as regions; none where they would not show it larger than the whole does."""
    height, width = photo.pixels.shape[:2]
    right, bottom = width - shape.width, height - shape.height
    if max(width / shape.width, height / shape.height) < LEAST_GAIN or right < 0 or bottom < 0:
        return
    for left, top in sorted({(0, 0), (right, 0), (0, bottom), (right, bottom), (right // 2, bottom // 2)}):
        yield View(photo, (left, top, left + shape.width, top + shape.height))


class Sample:
    """Views, what is in them and what a detector finds."""

    def __init__(self, views: Iterable[View], detect: Detector) -> None:
        self.truths, self.detections = [], []
        views = list(views)
        for view, rows in zip(views, detect(view.pixels for view in views), strict=True):
            truth, ignored = view.truth()
            self.truths.append(truth)
            self.detections.append(drop_ignored(view.found(rows), truth, ignored))

    def objects(self, label: int) -> int:
        """How many objects of a class are in the views."""
        return sum(int((truth[:, 0] == label).sum()) for truth in self.truths)

    def point(self, label: int, score: float) -> Point:
        """Precision and recall of a class above a score."""
        counts = operating_point(self.detections, self.truths, label, score)
        return Point(score, counts.precision, counts.recall)

    def found(self, label: int, score: float) -> int:
        """How many objects of a class are found above a score, rightly or not."""
        return sum(int(((rows[:, 0] == label) & (rows[:, 5] > score)).sum()) for rows in self.detections)
