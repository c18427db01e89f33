"""Measure a detector on the validation sets: figures per set, by object size and per class, and false positives."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from ghostcam_models.common.boxes import area, intersection, iou
from ghostcam_models.common.labels import CLASS_NAMES
from ghostcam_models.data.sets import Photo, archives, read_labelling, read_photos
from ghostcam_models.evaluation.detectors import Detector
from ghostcam_models.evaluation.metrics import SIZES, average_precision, operating_point

MIN_OBJECTS = 20
"""Objects of a class from which it counts in a mean."""


@dataclass(frozen=True)
class ClassFigures:
    """One class of one set; precision and recall at the score threshold and IoU .5."""

    ap50: float
    ap: float
    objects: int
    precision: float
    recall: float


@dataclass(frozen=True)
class SetFigures:
    """One set: means over the classes with at least MIN_OBJECTS objects, AP50 and AP of each object size, classes."""

    images: int
    ap50: float
    ap: float
    sizes: dict[str, tuple[float, float]]
    classes: dict[str, ClassFigures]


def measure(photos: list[Photo], found: list[np.ndarray], classes: list[int], score: float) -> SetFigures:
    """Figures of detections found [n, 6] on the photos of one set, over the classes that the set labels."""
    truths = [photo.boxes for photo in photos]
    # Sizes are counted as in an image of COCO, whose long side is 640.
    scales = [640 / max(photo.pixels.shape[:2]) for photo in photos]
    whole = average_precision(found, truths, classes)
    counted = [label for label, result in whole.items() if result.count >= MIN_OBJECTS]
    sizes = {}
    for name, limits in SIZES.items():
        part = average_precision(found, truths, counted, scales, limits)
        enough = [result for result in part.values() if result.count >= MIN_OBJECTS]
        if enough:
            sizes[name] = mean([r.ap50 for r in enough]), mean([r.ap for r in enough])
    figures = {}
    for label, result in whole.items():
        point = operating_point(found, truths, label, score)
        figures[CLASS_NAMES[label]] = ClassFigures(
            result.ap50, result.ap, result.count, point.precision, point.recall
        )
    return SetFigures(
        len(photos),
        mean([whole[label].ap50 for label in counted]),
        mean([whole[label].ap for label in counted]),
        sizes,
        figures,
    )


def count_false_positives(detect: Detector, archive: Path, score: float) -> str:
    """Detections on an archive of scenes in which there is nothing (data/hold_out.py), per class, as text."""
    images = [photo.pixels for photo in read_photos(archive)]
    found = [
        rows[rows[:, 5] > score, 0].astype(int)
        for rows in tqdm(detect(images), archive.name, total=len(images), leave=False)
    ]
    false_positives = Counter(CLASS_NAMES[label] for labels in found for label in labels)
    classes = ', '.join(f'{name} {count}' for name, count in false_positives.most_common())
    return (
        f'empty scenes: {false_positives.total()} false detections in {sum(len(labels) > 0 for labels in found)} '
        f'of {len(images)} images ({classes or "none"})'
    )


def drop_ignored(found: np.ndarray, truth: np.ndarray, ignored: np.ndarray) -> np.ndarray:
    """Detections [n, 6] without those that lie in an ignored box and are no object of truth; boxes are [n, 5]."""
    if not len(ignored) or not len(found):
        return found
    within = intersection(found[:, 1:5], ignored[:, 1:5]) / np.maximum(area(found[:, 1:5]), 1e-9)[:, None]
    right = (iou(found[:, 1:5], truth[:, 1:5]) >= 0.5) & (found[:, None, 0] == truth[None, :, 0])
    return found[right.any(1) | (within.max(1) < 0.5)]


def mean(values: list[float]) -> float:
    """NaN for no values."""
    return float(np.mean(values)) if values else float('nan')


def evaluate(
    detect: Detector, data: Path, score: float, only: list[str] | None = None, part: str = 'val'
) -> dict[str, SetFigures]:
    """Run a detector over the archives of a part, 'val' or 'train', in data (of the sets in only, if given)."""
    labelling = read_labelling(data)
    results = {}
    for archive in archives(data, part):
        name = archive.name.rsplit('-', 1)[0]
        if only and name not in only:
            continue
        photos = list(read_photos(archive))
        images = [photo.pixels for photo in photos]
        found = list(tqdm(detect(images), desc=name, total=len(images), unit='image', leave=False))
        found = [
            drop_ignored(rows, photo.boxes, photo.ignored) for rows, photo in zip(found, photos, strict=True)
        ]
        results[name] = measure(photos, found, sorted(labelling[name]), score)
    return results


def table(results: dict[str, SetFigures], score: float) -> str:
    """The figures as text."""
    lines = [f'precision and recall at score {score:g}']
    for name, figures in results.items():
        sizes = ', '.join(f'{size} {ap50:.3f}/{ap:.3f}' for size, (ap50, ap) in figures.sizes.items())
        lines.append(
            f'{name} ({figures.images} images): AP50/AP {figures.ap50:.3f}/{figures.ap:.3f}; {sizes}'
        )
        for label, c in figures.classes.items():
            lines.append(
                f'    {label:<11} AP50/AP {c.ap50:.3f}/{c.ap:.3f}  precision {c.precision:.3f}  recall {c.recall:.3f}'
                f'  objects {c.objects}'
            )
    return '\n'.join(lines)
