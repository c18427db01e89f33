"""Reading the image sets: tar files of NAME.webp and NAME.txt, described by sets.json.

A label line is "COCO-class center-x center-y width height", relative to the image. sets.json names, for each
set, the classes that it labels and whether every object of these is labelled ("exhaustive").
"""

import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image

from ghostcam_models.common.command_line import UserError
from ghostcam_models.common.labels import CLASS_NAMES, COCO_IDS

VOC_CLASSES = frozenset(CLASS_NAMES) - {'truck'}  # Pascal VOC's 20 classes have no truck


@dataclass(frozen=True)
class Photo:
    """One image of a set. boxes are float32 [n, 5]: class, x1, y1, x2, y2 in pixels."""

    set: str
    name: str
    encoded: bytes
    text: str

    @cached_property
    def pixels(self) -> np.ndarray:
        """RGB uint8 [H, W, 3]."""
        return np.asarray(Image.open(io.BytesIO(self.encoded)).convert('RGB'))

    @cached_property
    def boxes(self) -> np.ndarray:
        height, width = self.pixels.shape[:2]
        return parse_boxes(self.text, width, height)


def parse_boxes(text: str, width: int, height: int) -> np.ndarray:
    """Label lines to boxes [n, 5] clipped to the image; other classes and boxes under a pixel are left out."""
    rows = []
    for line in text.splitlines():
        fields = line.split()
        if len(fields) < 5 or int(fields[0]) not in COCO_IDS:
            continue
        x, y, w, h = (float(field) for field in fields[1:5])
        left, right = np.clip(((x - w / 2) * width, (x + w / 2) * width), 0, width)
        top, bottom = np.clip(((y - h / 2) * height, (y + h / 2) * height), 0, height)
        if right - left >= 1 and bottom - top >= 1:
            rows.append((COCO_IDS.index(int(fields[0])), left, top, right, bottom))
    return np.array(rows, np.float32).reshape(-1, 5)


def read_photos(archive: Path) -> Iterator[Photo]:
    """The images of one tar file, by name."""
    name = archive.name.rsplit('-', 1)[0]
    with tarfile.open(archive) as tar:
        members = {member.name: member for member in tar.getmembers() if member.isfile()}
        for path in sorted(path for path in members if path.endswith('.webp')):
            label = members.get(path.removesuffix('.webp') + '.txt')
            text = tar.extractfile(label).read().decode() if label else ''
            yield Photo(name, Path(path).stem, tar.extractfile(members[path]).read(), text)


def archives(folder: Path, part: str) -> list[Path]:
    """The tar files of part 'train' or 'val' in folder; a missing folder or part is an error."""
    found = sorted(folder.glob(f'*-{part}.tar'))
    if not found:
        raise UserError(f'{folder}: no *-{part}.tar here; name the folder of image sets with --data')
    return found


@dataclass(frozen=True)
class Labelling:
    """What a set labels: classes with boxes at all, and those of them whose every object has one."""

    labelled: frozenset[int]
    exhaustive: frozenset[int]


def read_labelling(folder: Path) -> dict[str, Labelling]:
    """Set name to Labelling, from sets.json."""
    table = json.loads((folder / 'sets.json').read_text())['sets']
    groups = {'VOC20': VOC_CLASSES, 'COCO80': frozenset(CLASS_NAMES)}
    result = {}
    for name, entry in table.items():
        said = entry['labelled']
        names = groups[said] if isinstance(said, str) else said
        classes = frozenset(CLASS_NAMES.index(label) for label in names)
        result[name] = Labelling(classes, classes if entry['exhaustive'] else frozenset())
    return result
