"""Prepare the training images: label with teachers, merge, drop copies of validation images, decode, and store.

    python -m models.data --data DIR --teachers DIR [--cache models/.cache]

DIR holds the image sets (models/sets.py) and the teachers (models/teachers.py). Everything made goes to the cache
folder; what the teachers saw is kept there per set, so that a second run costs only the decoding.
"""

import argparse
import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.bank import GREY, SIDE, pack_boxes
from models.duplicates import COPY, fingerprint, likeness
from models.labels import NAMES
from models.merge import IGNORE, OBJECT, merge
from models.pseudo import seen_in_set
from models.sets import archives, read_labelling, read_photos

CORES = len(os.sched_getaffinity(0))  # that this process may use: more threads than these are slow
DEFAULT_CACHE = Path(os.environ.get('GHOSTCAM_TRAIN_CACHE', 'models/.cache'))

SET_WEIGHTS = {
    # General photographs with the teachers' own variety weigh more; narrow or one-sided sets weigh less.
    **dict.fromkeys(
        ('voc2012', 'tiny_coco', 'coco128', 'coco_val300', 'coco_minicap', 'vqa_coco', 'mAP_voc'), 3.0
    ),
    'osie': 2.5,
    **dict.fromkeys(('voc2012_extra', 'oid_person', 'cctv_gayoung'), 2.0),
    **dict.fromkeys(('st_sidewalks', 'st_rooms_furniture', 'st_topview_farzad'), 0.4),
    'lspet': 0.35,
}
RARE = 0.1  # a class in a smaller part of the images is drawn more often, by the root of what it lacks
RARE_MOST = 4.0
EMPTY_WEIGHT = 0.5
EMPTY_KEPT_OUT = 2
"""Of the images in which neither label nor teacher finds anything, every so many-th is kept out of training: on
these `models.evaluate --empty` counts false alarms."""


@dataclass
class Prepared:
    """Rows of one image before they are packed."""

    set: str
    size: tuple[int, int]
    rows: np.ndarray


def main() -> None:
    parser = argparse.ArgumentParser(prog='python -m models.data', description=__doc__.splitlines()[0])
    parser.add_argument('--data', type=Path, required=True, help='folder of the image sets and sets.json')
    parser.add_argument('--teachers', type=Path, required=True, help="folder of the teachers' .onnx files")
    parser.add_argument(
        '--cache', type=Path, default=DEFAULT_CACHE, help='where to write (default %(default)s)'
    )
    parser.add_argument('--workers', type=int, default=CORES, help='processes for the teachers')
    options = parser.parse_args()
    prepare(options.data, options.teachers, options.cache, options.workers)


def prepare(data: Path, teachers: Path, cache: Path, workers: int) -> None:
    """Write the bank (models/bank.py) of all train archives in data and print what is in it."""
    labelling = read_labelling(data)
    forbidden = np.array(
        [fingerprint(p.pixels) for archive in archives(data, 'val') for p in read_photos(archive)]
    )
    cache.mkdir(parents=True, exist_ok=True)
    images: list[Prepared] = []
    empty: list[tuple[str, str]] = []
    with open(cache / 'pixels.part', 'wb') as pixels:
        for archive in archives(data, 'train'):
            seen = seen_in_set(archive, teachers, cache, workers)
            made, copies = [], 0
            for photo in read_photos(archive):
                if likeness(fingerprint(photo.pixels)[None], forbidden)[0] >= COPY:
                    copies += 1
                    continue
                rows = merge(photo.set, labelling[photo.set], photo.boxes, seen[photo.name])
                if not len(rows) and not any(len(view) for view in seen[photo.name]):
                    empty.append((archive.name, photo.name))
                    if len(empty) % EMPTY_KEPT_OUT == 0:
                        continue
                pixels.write(on_canvas(photo.pixels))
                made.append(Prepared(photo.set, photo.pixels.shape[1::-1], rows))
            report(made, archive.name, copies)
            images += made
    report(images, 'all sets')
    kept_out = empty[EMPTY_KEPT_OUT - 1 :: EMPTY_KEPT_OUT]
    print(f'{len(kept_out)} empty scenes kept out for counting false alarms')
    store(images, kept_out, cache)


def on_canvas(pixels: np.ndarray) -> np.ndarray:
    """An image [H, W, 3] at the top left of a grey SIDE x SIDE square."""
    height, width = pixels.shape[:2]
    if max(height, width) > SIDE:
        raise SystemExit(f'an image of {width}x{height} is larger than {SIDE} px; shrink the set first')
    canvas = np.full((SIDE, SIDE, 3), GREY, np.uint8)
    canvas[:height, :width] = pixels
    return canvas


def store(images: list[Prepared], empty: list[tuple[str, str]], cache: Path) -> None:
    """Write the tables beside the pixels; the index comes last, so that an unfinished bank is never read."""
    os.replace(cache / 'pixels.part', cache / 'pixels.u8')
    np.savez(
        cache / 'tables.npz',
        sizes=np.array([image.size for image in images], np.float32),
        boxes=pack_boxes([image.rows for image in images]),
        weights=sampling_weights(images),
    )
    (cache / 'index.json').write_text(json.dumps({'sets': [image.set for image in images], 'empty': empty}))


def sampling_weights(images: list[Prepared]) -> np.ndarray:
    """How often each image is drawn [N]: by its set, more for its rarest class, less when nothing is in it."""
    present = np.zeros((len(images), len(NAMES)), bool)
    for flags, image in zip(present, images, strict=True):
        flags[image.rows[image.rows[:, 5] == OBJECT, 0].astype(int)] = True
    rarity = np.clip(np.sqrt(RARE / np.maximum(present.mean(0), 1e-6)), 1, RARE_MOST)
    rarest = np.where(present.any(1), (present * rarity).max(1), EMPTY_WEIGHT)
    return (rarest * [SET_WEIGHTS.get(image.set, 1.0) for image in images]).astype(np.float32)


def report(images: list[Prepared], title: str, copies: int = 0) -> None:
    """One line: images, copies left out, objects per class, ignore regions."""
    rows = np.concatenate([image.rows for image in images] or [np.zeros((0, 6), np.float32)])
    counts = np.bincount(rows[rows[:, 5] == OBJECT, 0].astype(int), minlength=len(NAMES))
    objects = ' '.join(f'{name} {count}' for name, count in zip(NAMES, counts, strict=True) if count)
    dropped = f', {copies} copies of validation images left out' if copies else ''
    print(
        f'{title}: {len(images)} images{dropped}; {objects}; ignored {int((rows[:, 5] == IGNORE).sum())}',
        flush=True,
    )


if __name__ == '__main__':
    main()
