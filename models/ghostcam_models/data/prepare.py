"""Prepare the training images: label with teachers, merge, drop copies of validation images, decode, and store."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ghostcam_models.common.labels import NAMES
from ghostcam_models.data.bank import GREY, SIDE, pack_boxes
from ghostcam_models.data.duplicates import COPY, fingerprint, likeness
from ghostcam_models.data.merge import IGNORE, OBJECT, merge
from ghostcam_models.data.pseudo_labels import seen_in_set
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
RARE = 0.1  # a class in a smaller part of the images is drawn more often, by the root of what it lacks
RARE_MOST = 4.0
EMPTY_WEIGHT = 0.5
EMPTY_KEPT_OUT = 2
"""Of the images in which neither label nor teacher finds anything, every so many-th is kept out of training: on
these `ghostcam-evaluate --empty` counts false alarms."""


@dataclass
class Prepared:
    """Rows of one image before they are packed."""

    set: str
    size: tuple[int, int]
    rows: np.ndarray


def prepare(data: Path, teachers: Path, prepared: Path, workers: int) -> None:
    """Write the bank (bank.py) of all train archives in data into the folder prepared; print what is in it."""
    labelling = read_labelling(data)
    forbidden = np.array(
        [fingerprint(p.pixels) for archive in archives(data, 'val') for p in read_photos(archive)]
    )
    prepared.mkdir(parents=True, exist_ok=True)
    images: list[Prepared] = []
    empty: list[tuple[str, str]] = []
    with open(prepared / 'pixels.part', 'wb') as pixels:
        for archive in archives(data, 'train'):
            seen = seen_in_set(archive, teachers, prepared, workers)
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
    store(images, kept_out, prepared)


def on_canvas(pixels: np.ndarray) -> np.ndarray:
    """An image [H, W, 3] at the top left of a grey SIDE x SIDE square."""
    height, width = pixels.shape[:2]
    if max(height, width) > SIDE:
        raise SystemExit(f'an image of {width}x{height} is larger than {SIDE} px; shrink the set first')
    canvas = np.full((SIDE, SIDE, 3), GREY, np.uint8)
    canvas[:height, :width] = pixels
    return canvas


def store(images: list[Prepared], empty: list[tuple[str, str]], prepared: Path) -> None:
    """Write the tables beside the pixels; the index comes last, so that an unfinished bank is never read."""
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
