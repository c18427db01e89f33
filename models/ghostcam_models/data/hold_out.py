"""Images of the pool that are kept for measuring: views of its cameras, and scenes in which there is nothing.

What is held out is decided by a hash of the view or path, so that it never changes and training never sees it. Both
become archives as the other validation sets are (sets.py): `pool_cameras-val.tar`, labelled where NanoDet-Plus and
PicoDet agree on the whole picture, and `empty-val.tar`, in which neither finds anything.
"""

import hashlib
import io
import json
import tarfile
from collections import Counter
from multiprocessing.pool import Pool
from pathlib import Path

import numpy as np
from tqdm import tqdm

from ghostcam_models.common.boxes import iou
from ghostcam_models.common.labels import CLASS_NAMES, COCO_IDS
from ghostcam_models.data.pseudo_labels import detect, seen
from ghostcam_models.data.shards import Shard, shards_of
from ghostcam_models.data.sources import Source

VIEW_INTERVAL = 10
"""One camera view of so many is held out."""

EMPTY_INTERVAL = 2
"""One empty scene of so many is held out."""

SECOND_TEACHER = 'picodet'

OBJECT_SCORE, CONFIRMING_SCORE = 0.40, 0.25
"""Teachers agree on a picture where each detection of one above OBJECT_SCORE is one of the other's above
CONFIRMING_SCORE."""

DOUBTFUL_SCORE = 0.30
"""They do not agree where any other detection of either is above this."""

MATCH_IOU = 0.5
"""IoU from which two detections are of one object."""

EMPTY_SCORE = 0.15
"""Score below which all detections of both teachers in an empty scene are."""

CAMERAS, EMPTY = 'pool_cameras', 'empty'
"""Names of the two sets."""

MAX_CAMERAS, MAX_OF_SOURCE, MAX_OF_VIEW, MAX_EMPTY = 300, 45, 2, 800
"""Most images of the first set, of one source and of one view in it, and of the second set."""

Held = tuple[Shard, int, np.ndarray]
"""A shard, the index of an image in it, and the first teacher's detections [n, 6]."""


def one_in(part: int, *words: object) -> bool:
    """True for one in part of all words, always the same ones."""
    digest = hashlib.sha1('\0'.join(map(str, words)).encode()).digest()
    return int.from_bytes(digest[:4], 'big') % part == 0


def is_empty(shard: Shard, index: int, found: np.ndarray) -> bool:
    """Neither label nor teacher finds anything in the image."""
    return not len(shard.labels[index]) and not (found[:, 5] >= EMPTY_SCORE).any()


def is_held_out(source: Source, shard: Shard, index: int, found: np.ndarray) -> bool:
    """Whether an image is kept from training; found [n, 6] is what the first teacher sees in it."""
    if source.camera and one_in(VIEW_INTERVAL, 'view', source.name, shard.views[index]):
        return True
    return is_empty(shard, index, found) and one_in(EMPTY_INTERVAL, 'empty', source.name, shard.paths[index])


def hold_out(sources: list[Source], folder: Path, target: Path, teachers: Path, pool: Pool) -> None:
    """Write both archives and their sets.json into target, of all shards that are labelled."""
    cameras: list[Held] = []
    empty: list[Held] = []
    for source in sources:
        for shard in shards_of(folder, source.name):
            found = seen(shard) if shard.seen.exists() else []
            for i, rows in enumerate(found):
                if is_held_out(source, shard, i, rows):
                    (empty if is_empty(shard, i, rows) else cameras).append((shard, i, rows))
    target.mkdir(parents=True, exist_ok=True)
    agreed = []
    for (shard, i, first), second in zip(cameras, second_opinion(cameras, teachers, pool), strict=True):
        truth = agreement(first, second)
        if truth is not None and len(truth):
            agreed.append((shard, i, truth))
    nothing = [
        (shard, i, rows[:0])
        for (shard, i, rows), second in zip(empty, second_opinion(empty, teachers, pool), strict=True)
        if not (second[:, 5] >= EMPTY_SCORE).any()
    ]
    for name, images in ((CAMERAS, select(agreed)), (EMPTY, spread(nothing)[:MAX_EMPTY])):
        write(target / f'{name}-val.tar', images)
        print(f'{name}: {len(images)} images of {len({shard.source for shard, _, _ in images})} sources')
    entry = {'labelled': list(CLASS_NAMES), 'exhaustive': True}
    (target / 'sets.json').write_text(json.dumps({'sets': {CAMERAS: entry, EMPTY: entry}}))


def second_opinion(images: list[Held], teachers: Path, pool: Pool) -> list[np.ndarray]:
    """What the second teacher sees in each image, [n, 6]."""
    tasks = [(SECOND_TEACHER, teachers, shard.encoded([i])[0]) for shard, i, _ in images]
    return list(tqdm(pool.imap(detect, tasks, 4), SECOND_TEACHER, len(tasks), unit='image', leave=False))


def agreement(first: np.ndarray, second: np.ndarray) -> np.ndarray | None:
    """The boxes [n, 5] on which two teachers agree; None where they disagree on anything in the picture."""
    for one, other in ((first, second), (second, first)):
        one, other = one[one[:, 5] >= DOUBTFUL_SCORE], other[other[:, 5] >= CONFIRMING_SCORE]
        same = (iou(one[:, 1:5], other[:, 1:5]) >= MATCH_IOU) & (one[:, None, 0] == other[None, :, 0])
        if not same.any(1).all():
            return None
    return (
        first[first[:, 5] >= OBJECT_SCORE][:, :5]
        if not ((first[:, 5] >= DOUBTFUL_SCORE) & (first[:, 5] < OBJECT_SCORE)).any()
        else None
    )


def spread(images: list[Held]) -> list[Held]:
    """In a fixed shuffle, the sources taking turns."""
    shuffled = sorted(images, key=lambda held: hashlib.sha1(held[0].paths[held[1]].encode()).digest())
    turn: Counter[str] = Counter()
    keyed = []
    for held in shuffled:
        source = held[0].source
        keyed.append((turn[source], source, held))
        turn[source] += 1
    return [held for _, _, held in sorted(keyed, key=lambda entry: entry[:2])]


def select(images: list[Held]) -> list[Held]:
    """At most MAX_CAMERAS of them, of a source and of a view not too many."""
    sources: Counter[str] = Counter()
    views: Counter[tuple[str, int]] = Counter()
    kept = []
    for shard, i, truth in spread(images):
        view = (shard.source, int(shard.views[i]))
        if views[view] < MAX_OF_VIEW and sources[shard.source] < MAX_OF_SOURCE and len(kept) < MAX_CAMERAS:
            views[view] += 1
            sources[shard.source] += 1
            kept.append((shard, i, truth))
    return kept


def write(archive: Path, images: list[Held]) -> None:
    """A tar file as sets.py reads it."""
    with tarfile.open(archive, 'w') as tar:
        for shard, i, truth in images:
            width, height = shard.sizes[i]
            lines = [
                f'{COCO_IDS[int(label)]} {(x1 + x2) / 2 / width:.6f} {(y1 + y2) / 2 / height:.6f} '
                f'{(x2 - x1) / width:.6f} {(y2 - y1) / height:.6f}\n'
                for label, x1, y1, x2, y2 in truth
            ]
            stem = f'{shard.source}-{shard.number}-{i:03}'
            for name, content in (
                (f'{stem}.jpg', shard.encoded([i])[0]),
                (f'{stem}.txt', ''.join(lines).encode()),
            ):
                member = tarfile.TarInfo(name)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
