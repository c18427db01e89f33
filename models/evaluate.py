"""Measure a detector on the validation sets.

    python -m models.evaluate --data DIR --onnx models/yolov8n-ghostnetv2-320.onnx
    python -m models.evaluate --data DIR --weights FILE.pt --imgsz 448
    python -m models.evaluate --data DIR --teachers DIR --teacher picodet
    python -m models.evaluate --data DIR --daemon yolov8n-ghostnetv2-320
    python -m models.evaluate --data DIR --weights FILE.pt --part train     # what it has learnt by heart

Prints, per set, AP50 and AP50-95 as means over the classes with at least 20 objects, then by object size and per
class, with precision and recall at the shipped threshold.
"""

import argparse
import json
import shlex
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from models.detectors import Detector, from_checkpoint, from_daemon, from_onnx, from_teacher
from models.labels import NAMES
from models.metrics import SIZES, average_precision, operating_point
from models.sets import Photo, archives, read_labelling, read_photos
from models.teachers import TEACHERS

FEWEST = 20  # objects of a class, for it to count in a mean
DEFAULT_SCORE = 0.3


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
    """One set: means over the classes with at least FEWEST objects, AP50 and AP of each object size, classes."""

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
    counted = [label for label, result in whole.items() if result.count >= FEWEST]
    sizes = {}
    for name, limits in SIZES.items():
        part = average_precision(found, truths, counted, scales, limits)
        enough = [result for result in part.values() if result.count >= FEWEST]
        if enough:
            sizes[name] = mean([r.ap50 for r in enough]), mean([r.ap for r in enough])
    figures = {}
    for label, result in whole.items():
        point = operating_point(found, truths, label, score)
        figures[NAMES[label]] = ClassFigures(
            result.ap50, result.ap, result.count, point.precision, point.recall
        )
    return SetFigures(
        len(photos),
        mean([whole[label].ap50 for label in counted]),
        mean([whole[label].ap for label in counted]),
        sizes,
        figures,
    )


def show_false_alarms(detect: Detector, data: Path, prepared: Path, score: float) -> str:
    """Detections on the scenes that `models.data` found empty and kept out of training, per class, as text."""
    wanted = {tuple(entry) for entry in json.loads((prepared / 'index.json').read_text())['empty']}
    images = [
        photo.pixels
        for archive in sorted({archive for archive, _ in wanted})
        for photo in read_photos(data / archive)
        if (archive, photo.name) in wanted
    ]
    alarms = Counter(
        NAMES[int(row[0])]
        for rows in tqdm(detect(images), total=len(images), leave=False)
        for row in rows
        if row[5] > score
    )
    classes = ', '.join(f'{name} {count}' for name, count in alarms.most_common())
    return f'empty scenes: {alarms.total()} false detections in {len(images)} images ({classes or "none"})'


def mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else float('nan')


def evaluate(
    detect: Detector, data: Path, score: float, only: list[str] | None = None, part: str = 'val'
) -> dict[str, SetFigures]:
    """Run a detector over the archives of a part, 'val' or 'train', in data (of the sets in only, if given)."""
    labelling = read_labelling(data)
    results = {}
    for archive in archives(data, part):
        photos = list(read_photos(archive))
        name = photos[0].set
        if only and name not in only:
            continue
        images = [photo.pixels for photo in photos]
        found = list(tqdm(detect(images), desc=name, total=len(images), unit='image', leave=False))
        results[name] = measure(photos, found, sorted(labelling[name].labelled), score)
    return results


def show(results: dict[str, SetFigures], score: float) -> str:
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


def main() -> None:
    parser = argparse.ArgumentParser(prog='python -m models.evaluate', description=__doc__.splitlines()[0])
    parser.add_argument('--data', type=Path, required=True, help='folder of the image sets and sets.json')
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument('--onnx', type=Path, help='an exported model with its manifest beside it')
    source.add_argument('--weights', type=Path, help='a checkpoint; takes --imgsz')
    source.add_argument('--teacher', choices=TEACHERS, help='a teacher; takes --teachers')
    source.add_argument('--daemon', help='a model as the daemon runs it, through `ghostcam detect --json`')
    parser.add_argument(
        '--ghostcam', default='node dist/main.js', help='command that --daemon runs (default %(default)s)'
    )
    parser.add_argument(
        '--imgsz', type=int, default=320, help='input size for --weights (default %(default)s)'
    )
    parser.add_argument('--teachers', type=Path, help="folder of the teachers' .onnx files")
    parser.add_argument(
        '--score', type=float, help='threshold for precision and recall (default: the manifest)'
    )
    parser.add_argument(
        '--empty', type=Path, help='prepared folder whose empty scenes to count false alarms on'
    )
    parser.add_argument('--sets', nargs='+', help='only these sets')
    parser.add_argument(
        '--part', choices=('val', 'train'), default='val', help='images (default %(default)s)'
    )
    parser.add_argument('--json', type=Path, help='also write the figures to this file')
    options = parser.parse_args()
    score = options.score
    if options.onnx:
        detect = from_onnx(options.onnx)
        if score is None:
            score = json.loads(options.onnx.with_suffix('.json').read_text())['thresholds']['score']
    elif options.weights:
        detect = from_checkpoint(options.weights, options.imgsz)
    elif options.daemon:
        detect = from_daemon(shlex.split(options.ghostcam), options.daemon)
    elif options.teachers is None:
        parser.error('--teacher needs --teachers DIR')
    else:
        detect = from_teacher(options.teacher, options.teachers)
    score = DEFAULT_SCORE if score is None else score
    results = evaluate(detect, options.data, score, options.sets, options.part)
    print(show(results, score))
    if options.empty:
        print(show_false_alarms(detect, options.data, options.empty, score))
    if options.json:
        options.json.write_text(
            json.dumps({name: asdict(figures) for name, figures in results.items()}, indent=1)
        )


if __name__ == '__main__':
    main()
