"""Images of the pool that are kept for measuring: views of its cameras, and scenes in which there is nothing.

What is held out is decided by a hash of the view or path, so that it never changes and training never sees it. Both
become archives as the other validation sets are (sets.py): `pool_cameras-val.tar`, labelled with what NanoDet-Plus and
PicoDet agree on (what one alone detects is ignored), and `empty-val.tar`, in which neither finds anything. This one is made
once: of the empty scenes training gets all that are not in it.
"""

import hashlib
import io
import json
import os
import tarfile
from collections import Counter
from multiprocessing.pool import Pool
from pathlib import Path

import numpy as np
from tqdm import tqdm

from ghostcam_models.common.boxes import iou
from ghostcam_models.common.labels import CLASS_NAMES, COCO_IDS
from ghostcam_models.data.merge import IGNORE, OBJECT
from ghostcam_models.data.pseudo_labels import detect, seen
from ghostcam_models.data.sets import IGNORED
from ghostcam_models.data.shards import Shard, replace, shards_of, split
from ghostcam_models.data.sources import Source

VIEW_INTERVAL = 10
"""One camera view of so many is held out."""

EMPTY_INTERVAL = 2
"""One empty scene of so many may be held out, and is where there is no archive yet."""

SECOND_TEACHER = 'picodet'

OBJECT_SCORE, CONFIRMING_SCORE = 0.40, 0.25
"""Scores from which one teacher's detection is an object if the other has it too: the higher and the lower one."""

DOUBTFUL_SCORE = 0.25
"""Score from which a detection that is no such object is ignored when a detector is measured."""

MATCH_IOU = 0.5
"""IoU from which two detections are of one object."""

MAX_IGNORED_PER_OBJECT = 3
"""Ignored detections for each object, above which a picture is left out."""

EMPTY_SCORE = 0.15
"""Score below which all detections of both teachers in an empty scene are."""

CAMERAS, EMPTY = 'pool_cameras', 'empty'
"""Names of the two sets."""

MAX_CAMERAS, MAX_OF_SOURCE, MAX_OF_VIEW, MAX_EMPTY = 300, 60, 2, 800
"""Most images of the first set, of one source and of one view in it, and of the second set."""

VALIDATION = 'validation'
"""Folder below the prepared images that holds the archives."""

Held = tuple[Shard, int, np.ndarray]
"""A shard, the index of an image in it, and the first teacher's detections [n, 6]."""


def one_in(part: int, *words: object) -> bool:
    """True for one in part of all words, always the same ones."""
    digest = hashlib.sha1('\0'.join(map(str, words)).encode()).digest()
    return int.from_bytes(digest[:4], 'big') % part == 0


def is_empty(shard: Shard, index: int, found: np.ndarray) -> bool:
    """Neither label nor teacher finds anything in the image."""
    return not len(shard.labels[index]) and not (found[:, 5] >= EMPTY_SCORE).any()


def is_held_view(source: Source, shard: Shard, index: int) -> bool:
    """Whether an image shows one of the camera views that are kept from training."""
    return source.camera and one_in(VIEW_INTERVAL, 'view', source.name, shard.views[index])


def is_held_scene(source: Source, shard: Shard, index: int, found: np.ndarray) -> bool:
    """Whether an image is one of the empty scenes that may be kept from training; found [n, 6] is what the first teacher sees in it."""
    return is_empty(shard, index, found) and one_in(EMPTY_INTERVAL, 'empty', source.name, shard.paths[index])


def archive_of(folder: Path, name: str) -> Path:
    """The archive of one of the two sets, below the folder of the prepared images."""
    return folder / VALIDATION / f'{name}-val.tar'


class HeldOut:
    """What of the prepared images in a folder training must not see."""

    def __init__(self, folder: Path):
        archive = archive_of(folder, EMPTY)
        self.scenes: set[str] | None = None
        if archive.exists():
            with tarfile.open(archive) as tar:
                self.scenes = {Path(name).stem for name in tar.getnames()}

    def holds(self, source: Source, shard: Shard, index: int, found: np.ndarray) -> bool:
        """Whether an image is kept from training; found [n, 6] is what the first teacher sees in it."""
        if is_held_view(source, shard, index):
            return True
        if not is_held_scene(source, shard, index, found):
            return False
        return self.scenes is None or name_of(shard, index) in self.scenes


def hold_out(sources: list[Source], folder: Path, teachers: Path, pool: Pool) -> None:
    """Write the archives that are to be written and their sets.json, of all shards in the folder that are labelled."""
    cameras: list[Held] = []
    empty: list[Held] = []
    for source in sources:
        for shard in shards_of(folder, source.name):
            found = seen(shard) if shard.seen.exists() else []
            for i, rows in enumerate(found):
                if is_held_view(source, shard, i) or is_held_scene(source, shard, i, rows):
                    (empty if is_empty(shard, i, rows) else cameras).append((shard, i, rows))
    (folder / VALIDATION).mkdir(parents=True, exist_ok=True)
    store = folder / f'{SECOND_TEACHER}.held-out.npz'
    agreed = []
    for (shard, i, first), second in zip(
        cameras, second_opinion(cameras, store, teachers, pool), strict=True
    ):
        truth = agreement(first, second)
        if is_clear(truth):
            agreed.append((shard, i, truth))
    write(archive_of(folder, CAMERAS), select(agreed))
    if not archive_of(folder, EMPTY).exists():
        nothing = [
            (shard, i, rows[:0])
            for (shard, i, rows), second in zip(
                empty, second_opinion(empty, store, teachers, pool), strict=True
            )
            if not (second[:, 5] >= EMPTY_SCORE).any()
        ]
        write(archive_of(folder, EMPTY), spread(nothing)[:MAX_EMPTY])
    entry = {'labelled': list(CLASS_NAMES), 'exhaustive': True}
    (folder / VALIDATION / 'sets.json').write_text(json.dumps({'sets': {CAMERAS: entry, EMPTY: entry}}))


def second_opinion(images: list[Held], store: Path, teachers: Path, pool: Pool) -> list[np.ndarray]:
    """What the second teacher detects in each image, [n, 6]; kept in the file store, so that it is asked once."""
    known = {}
    if store.exists():
        with np.load(store) as columns:
            known = dict(
                zip(columns['names'].tolist(), split(columns['rows'], columns['counts']), strict=True)
            )
    new = [(shard, i) for shard, i, _ in images if name_of(shard, i) not in known]
    tasks = [(SECOND_TEACHER, teachers, shard.encoded([i])[0]) for shard, i in new]
    found = tqdm(pool.imap(detect, tasks, 4), SECOND_TEACHER, len(tasks), unit='image', leave=False)
    known |= {name_of(shard, i): rows for (shard, i), rows in zip(new, found, strict=True)}
    if new:
        replace(
            store,
            names=np.array(list(known)),
            rows=np.concatenate([*known.values(), np.zeros((0, 6), np.float32)]),
            counts=np.array([len(rows) for rows in known.values()], np.int64),
        )
    return [known[name_of(shard, i)] for shard, i, _ in images]


def name_of(shard: Shard, index: int) -> str:
    """The name of an image in the archives."""
    return f'{shard.source}-{shard.number}-{index:03}'


def agreement(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """What two teachers' detections [n, 6] say of an image: rows [m, 6] of class, corners, kind.

    Where both have an object of one class, its box is the mean of both (OBJECT); whatever else either has is IGNORE.
    """
    same = iou(first[:, 1:5], second[:, 1:5]) * (first[:, None, 0] == second[None, :, 0])
    rows, taken = [], np.zeros(len(second), bool)
    for i in np.argsort(-first[:, 5], kind='stable'):
        candidates = np.where(taken, 0, same[i])
        j = int(candidates.argmax()) if len(second) else -1
        low, high = (0, 0) if j < 0 or candidates[j] < MATCH_IOU else sorted((first[i, 5], second[j, 5]))
        if low >= CONFIRMING_SCORE and high >= OBJECT_SCORE:
            taken[j] = True
            rows.append((*((first[i, :5] + second[j, :5]) / 2), OBJECT))
        elif first[i, 5] >= DOUBTFUL_SCORE:
            rows.append((*first[i, :5], IGNORE))
    rows += [(*row[:5], IGNORE) for row in second[~taken & (second[:, 5] >= DOUBTFUL_SCORE)]]
    return np.array(rows, np.float32).reshape(-1, 6)


def is_clear(truth: np.ndarray) -> bool:
    """There is an object in an image, and at most MAX_IGNORED_PER_OBJECT times as many ignored detections."""
    objects = int((truth[:, 5] == OBJECT).sum())
    return objects > 0 and len(truth) <= (1 + MAX_IGNORED_PER_OBJECT) * objects


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
    """A tar file as sets.py reads it, whole or not at all, and a line of what is in it."""
    unfinished = archive.with_suffix('.part')
    with tarfile.open(unfinished, 'w') as tar:
        for shard, i, truth in images:
            width, height = shard.sizes[i]
            lines = [
                f'{COCO_IDS[int(label)]} {(x1 + x2) / 2 / width:.6f} {(y1 + y2) / 2 / height:.6f} '
                f'{(x2 - x1) / width:.6f} {(y2 - y1) / height:.6f}{"" if kind == OBJECT else IGNORED}\n'
                for label, x1, y1, x2, y2, kind in truth
            ]
            stem = name_of(shard, i)
            for name, content in (
                (f'{stem}.jpg', shard.encoded([i])[0]),
                (f'{stem}.txt', ''.join(lines).encode()),
            ):
                member = tarfile.TarInfo(name)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
    os.replace(unfinished, archive)
    print(f'{archive.name}: {len(images)} images of {len({shard.source for shard, _, _ in images})} sources')
