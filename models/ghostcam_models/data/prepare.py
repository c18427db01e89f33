"""Prepare the training images: label with teachers, merge, drop near-duplicates of validation images, decode, and store."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ghostcam_models.common.command_line import UserError
from ghostcam_models.common.labels import CLASS_NAMES
from ghostcam_models.data.duplicates import DUPLICATE_CORRELATION, fingerprint, max_correlation
from ghostcam_models.data.merge import IGNORE, OBJECT, merge
from ghostcam_models.data.prepared_images import CANVAS_SIZE, PAD_VALUE, pack_boxes
from ghostcam_models.data.pseudo_labels import teacher_views
from ghostcam_models.data.sets import archives, read_labelling, read_photos

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
"""How often the images of a set are drawn; 1 where it is not named."""

RARE_FRACTION = 0.1
"""A class in a smaller part of the images is drawn more often, by the square root of what it lacks (repeat factor
sampling: Gupta et al., LVIS, arXiv 1908.03195)."""

MAX_REPEAT = 4.0
"""The most by which a rare class is drawn more often."""

EMPTY_WEIGHT = 0.5
"""How often an empty scene, in which neither label nor teacher finds anything, is drawn."""

EMPTY_HELD_OUT = 2
"""Of the empty scenes, every so many-th is held out of training: on these `ghostcam-evaluate --empty` counts false
positives."""


@dataclass
class ImageRecord:
    """One image before it is packed: its set, width and height, and rows [n, 6] as in merge.py."""

    set: str
    size: tuple[int, int]
    rows: np.ndarray


def prepare(data: Path, teachers: Path, prepared: Path, workers: int) -> None:
    """Write PreparedImages of all train archives in data into the folder prepared, and print what is in them.

    teachers: folder of the teachers' files; workers: processes that they run in. Raises UserError where a set or a
    teacher is missing, or an image is too large.
    """
    labelling = read_labelling(data)
    validation = np.array(
        [fingerprint(p.pixels) for archive in archives(data, 'val') for p in read_photos(archive)]
    )
    prepared.mkdir(parents=True, exist_ok=True)
    images: list[ImageRecord] = []
    empty: list[tuple[str, str]] = []
    with open(prepared / 'pixels.part', 'wb') as pixels:
        for archive in archives(data, 'train'):
            views = teacher_views(archive, teachers, prepared, workers)
            records, duplicates = [], 0
            for photo in read_photos(archive):
                if max_correlation(fingerprint(photo.pixels)[None], validation)[0] >= DUPLICATE_CORRELATION:
                    duplicates += 1
                    continue
                rows = merge(photo.set, labelling[photo.set], photo.boxes, views[photo.name])
                if not len(rows) and not any(len(view) for view in views[photo.name]):
                    empty.append((archive.name, photo.name))
                    if len(empty) % EMPTY_HELD_OUT == 0:
                        continue
                pixels.write(on_canvas(photo.pixels))
                records.append(ImageRecord(photo.set, photo.pixels.shape[1::-1], rows))
            report(records, archive.name, duplicates)
            images += records
    report(images, 'all sets')
    held_out = empty[EMPTY_HELD_OUT - 1 :: EMPTY_HELD_OUT]
    print(f'{len(held_out)} empty scenes held out for counting false positives')
    store(images, held_out, prepared)


def on_canvas(pixels: np.ndarray) -> np.ndarray:
    """An image [H, W, 3] at the top left of a gray CANVAS_SIZE x CANVAS_SIZE square."""
    height, width = pixels.shape[:2]
    if max(height, width) > CANVAS_SIZE:
        raise UserError(f'an image of {width}x{height} is larger than {CANVAS_SIZE} px; shrink the set first')
    canvas = np.full((CANVAS_SIZE, CANVAS_SIZE, 3), PAD_VALUE, np.uint8)
    canvas[:height, :width] = pixels
    return canvas


def store(images: list[ImageRecord], empty: list[tuple[str, str]], prepared: Path) -> None:
    """Write the tables beside the pixels; the index comes last, so that an unfinished folder is never read."""
    (prepared / 'index.json').unlink(missing_ok=True)
    os.replace(prepared / 'pixels.part', prepared / 'pixels.u8')
    np.savez(
        prepared / 'tables.npz',
        sizes=np.array([image.size for image in images], np.float32),
        boxes=pack_boxes([image.rows for image in images]),
        weights=sampling_weights(images),
    )
    (prepared / 'index.json').write_text(
        json.dumps({'sets': [image.set for image in images], 'empty': empty})
    )


def sampling_weights(images: list[ImageRecord]) -> np.ndarray:
    """How often each image is drawn [N]: by its set, more for its rarest class, less when nothing is in it."""
    present = np.zeros((len(images), len(CLASS_NAMES)), bool)
    for flags, image in zip(present, images, strict=True):
        flags[image.rows[image.rows[:, 5] == OBJECT, 0].astype(int)] = True
    rarity = np.clip(np.sqrt(RARE_FRACTION / np.maximum(present.mean(0), 1e-6)), 1, MAX_REPEAT)
    rarest = np.where(present.any(1), (present * rarity).max(1), EMPTY_WEIGHT)
    return (rarest * [SET_WEIGHTS.get(image.set, 1.0) for image in images]).astype(np.float32)


def report(images: list[ImageRecord], title: str, duplicates: int = 0) -> None:
    """One line: images, near-duplicates left out, objects per class, ignore regions."""
    rows = np.concatenate([image.rows for image in images] or [np.zeros((0, 6), np.float32)])
    counts = np.bincount(rows[rows[:, 5] == OBJECT, 0].astype(int), minlength=len(CLASS_NAMES))
    objects = ' '.join(f'{name} {count}' for name, count in zip(CLASS_NAMES, counts, strict=True) if count)
    dropped = f', {duplicates} near-duplicates of validation images left out' if duplicates else ''
    print(
        f'{title}: {len(images)} images{dropped}; {objects}; ignored {int((rows[:, 5] == IGNORE).sum())}',
        flush=True,
    )
