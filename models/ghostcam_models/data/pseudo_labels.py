"""What a teacher sees in prepared images, computed once per shard and kept beside it."""

from multiprocessing.pool import Pool
from pathlib import Path

import numpy as np
from tqdm import tqdm

from ghostcam_models.common.labels import CLASS_NAMES
from ghostcam_models.data.shards import Shard, pixels, replace, split
from ghostcam_models.data.sources import Source
from ghostcam_models.teachers.zoo import TEACHERS, TeacherSession

TEACHER = 'nanodet'
"""The best of the teachers labels every image. A second opinion costs as much again; it is asked where images are
held out for measuring (hold_out.py)."""

LOWEST_SCORE = 0.1
"""Score from which a teacher's detection is kept."""

NO_DETECTIONS = np.zeros((0, 6), np.float32)

_sessions: dict[str, TeacherSession] = {}


def detect(task: tuple[str, Path, bytes]) -> np.ndarray:
    """Detections [n, 6] of (teacher, folder of the teachers, JPEG), in pixels, down to LOWEST_SCORE."""
    name, folder, encoded = task
    if name not in _sessions:
        _sessions[name] = TeacherSession(TEACHERS[name], folder, threads=1)
    return _sessions[name].detect(pixels(encoded), LOWEST_SCORE)


def needs_teacher(source: Source) -> bool:
    """Whether a teacher's detections are used: not where every object of every class is labelled, but for cameras, of
    which views are held out."""
    return source.camera or bool(source.unreliable) or set(source.exhaustive) != set(CLASS_NAMES)


def label(source: Source, shard: Shard, teachers: Path, pool: Pool) -> None:
    """Write what the teacher sees in a shard of a source, unless it is there; nothing where it is not asked."""
    if shard.seen.exists():
        return
    indices = list(range(len(shard))) if needs_teacher(source) else []
    tasks = [(TEACHER, teachers, content) for content in shard.encoded(indices)]
    title = f'{TEACHER} {shard.source}-{shard.number}'
    found = list(tqdm(pool.imap(detect, tasks, 4), title, len(tasks), unit='image', leave=False))
    found += [NO_DETECTIONS] * (len(shard) - len(found))
    replace(
        shard.seen,
        rows=np.concatenate([*found, NO_DETECTIONS]),
        counts=np.array([len(rows) for rows in found], np.int64),
    )


def seen(shard: Shard) -> list[np.ndarray]:
    """What the teacher saw in each image of a shard, [n, 6]."""
    with np.load(shard.seen) as columns:
        return split(columns['rows'], columns['counts'])
