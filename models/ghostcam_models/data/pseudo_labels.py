"""Pseudo-labels: what the teachers detect in the training images, computed once and kept on disk."""

import multiprocessing
import os
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from ghostcam_models.data.sets import Photo, read_photos
from ghostcam_models.teachers.zoo import TEACHERS, TeacherSession

VIEWS = (('nanodet', False), ('nanodet', True), ('picodet', False))
"""Teacher and whether it sees the mirror image. Two architectures err differently: agreement is a good label."""

LOWEST_SCORE = 0.1
"""Score from which a teacher's detection is kept."""

_sessions: dict[str, TeacherSession] = {}


def detect_all(photos: list[Photo], teachers: Path, workers: int) -> list[list[np.ndarray]]:
    """For each photo, the detections [n, 6] of each of VIEWS, in pixels of the photo."""
    with multiprocessing.Pool(workers, _open_sessions, (teachers,)) as pool:
        return list(tqdm(pool.imap(_detect, photos, chunksize=4), total=len(photos), unit='image'))


def _open_sessions(teachers: Path) -> None:
    torch.set_num_threads(1)  # the processes share the cores
    for name in {name for name, _ in VIEWS}:
        _sessions[name] = TeacherSession(TEACHERS[name], teachers, threads=1)


def _detect(photo: Photo) -> list[np.ndarray]:
    pixels = photo.pixels
    return [
        _sessions[name].detect_mirrored(pixels, LOWEST_SCORE)
        if mirrored
        else _sessions[name].detect(pixels, LOWEST_SCORE)
        for name, mirrored in VIEWS
    ]


def teacher_views(archive: Path, teachers: Path, prepared: Path, workers: int) -> dict[str, list[np.ndarray]]:
    """Image name to the detections [n, 6] of each of VIEWS, for one tar file.

    They are read from prepared/teachers/SET.npz where that is there; delete it to label a set anew.
    """
    path = prepared / 'teachers' / f'{archive.name.rsplit("-", 1)[0]}.npz'
    if not path.exists():
        photos = list(read_photos(archive))
        views = detect_all(photos, teachers, workers)
        rows = [
            np.column_stack((np.full((len(rows), 2), (i, v)), rows))
            for i, image in enumerate(views)
            for v, rows in enumerate(image)
        ]
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix('.part.npz')
        np.savez(
            unfinished, names=[photo.name for photo in photos], rows=np.concatenate(rows).astype(np.float32)
        )
        os.replace(unfinished, path)
    stored = np.load(path)
    names, rows = stored['names'], stored['rows']
    return {
        str(name): [rows[(rows[:, 0] == i) & (rows[:, 1] == v), 2:] for v in range(len(VIEWS))]
        for i, name in enumerate(names)
    }
