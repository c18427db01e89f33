"""Everything that can be measured, as functions from photographs to detections.

A detector takes RGB images [H, W, 3] uint8 and yields, for each, detections [n, 6] in its pixels (see common/boxes.py)
with scores down to LOWEST_SCORE, from which average precision is counted. A location has one class, its best, as in the daemon,
or with every_class each that it may be.
"""

import json
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from ghostcam_models.common.image_size import ImageSize
from ghostcam_models.common.labels import CLASS_NAMES
from ghostcam_models.inference import manifest, reference
from ghostcam_models.model.network import load
from ghostcam_models.teachers.zoo import TEACHERS, TeacherSession

LOWEST_SCORE = 0.02
"""Score from which detections are counted in average precision."""

Detector = Callable[[Iterable[np.ndarray]], Iterator[np.ndarray]]


def from_onnx(path: Path, size: int | ImageSize | None = None, every_class: bool = False) -> Detector:
    """An exported model, its manifest beside it; one with symbolic dimensions at a size (None: its first)."""
    model = manifest.read(path)
    if size is not None:
        model = manifest.at_size(model, size)
    return partial(map, partial(_refer, reference.onnx_run(path), model, every_class))


def from_checkpoint(path: Path, size: ImageSize, every_class: bool = False) -> Detector:
    """A checkpoint at an input size, in PyTorch."""
    model = manifest.of_network(path.stem, load(path).config, size)
    return partial(map, partial(_refer, reference.torch_run(path), model, every_class))


def _refer(run: reference.Run, model: manifest.Manifest, every_class: bool, image: np.ndarray) -> np.ndarray:
    return reference.detect(run, model, image, LOWEST_SCORE, every_class)


def from_teacher(name: str, folder: Path, every_class: bool = False) -> Detector:
    """One of the teachers, on the same images and classes."""
    session = TeacherSession(TEACHERS[name], folder)
    return partial(map, lambda image: session.detect(image, LOWEST_SCORE, every_class=every_class))


def from_daemon(command: list[str], model: str) -> Detector:
    """A model as the daemon's own code runs it: `ghostcam detect --json`, the command given in words."""

    def detect(images: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        with tempfile.TemporaryDirectory() as folder:
            for i, image in enumerate(images):
                Image.fromarray(image).save(f'{folder}/{i:06}.png', compress_level=1)
            arguments = ['detect', '--json', '--model', model, '--threshold', str(LOWEST_SCORE), folder]
            lines = subprocess.run(
                [*command, *arguments], stdout=subprocess.PIPE, text=True, check=True
            ).stdout
        found = {Path(line['image']).stem: line['detections'] for line in map(json.loads, lines.splitlines())}
        for stem in sorted(found):
            rows = [(CLASS_NAMES.index(d['label']), *d['box'], d['score']) for d in found[stem]]
            yield np.array(rows, np.float32).reshape(-1, 6)

    return detect
