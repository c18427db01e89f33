"""Reading the image sets: tar files of images (NAME.webp or NAME.jpg) and NAME.txt, described by sets.json.

A label line is "COCO-class center-x center-y width height", relative to the image, with IGNORED at its end where
it is not sure. sets.json names, for each
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
from ghostcam_models.data.sources import Source

IGNORED = ' ignore'
"""Ending of a label line of which it is not known whether it is an object."""

VOC_CLASSES = frozenset(CLASS_NAMES) - {'truck'}
"""Those of the classes that are among Pascal VOC's 20."""

UNRELIABLE = {
    'vn_streetcam': ('bicycle', 'motorcycle'),  # boxes include the rider
    'st_caxtiq_vehicles': ('bicycle', 'motorcycle'),  # likewise
    'st_road_traffic4': ('bicycle', 'motorcycle'),  # likewise in part
    'street_cars': ('car',),  # every road vehicle is called a car
}
"""Labels that count only where a teacher confirms them, and then with the teacher's box."""

INCOMPLETE = {'voc2012_extra': ('person', 'bicycle', 'car', 'motorcycle', 'bus', 'bird')}
"""Classes that a set claims to label exhaustively and does not: its files hold none, its images do."""

WEIGHTS = {
    # General photographs with the teachers' own variety weigh more; narrow or one-sided sets weigh less.
    **dict.fromkeys(
        ('voc2012', 'tiny_coco', 'coco128', 'coco_val300', 'coco_minicap', 'vqa_coco', 'mAP_voc'), 2.5
    ),
    'osie': 2.0,
    **dict.fromkeys(('voc2012_extra', 'oid_person', 'cctv_gayoung'), 2.0),
    **dict.fromkeys(('st_sidewalks', 'st_rooms_furniture', 'st_topview_farzad'), 0.4),
    'lspet': 0.35,
}
"""How often an image of a set is drawn, where not once."""


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
        return self._boxes(ignored=False)

    @cached_property
    def ignored(self) -> np.ndarray:
        """Boxes [n, 5] in which a detection is neither right nor wrong."""
        return self._boxes(ignored=True)

    def _boxes(self, ignored: bool) -> np.ndarray:
        lines = [line for line in self.text.splitlines() if line.endswith(IGNORED) == ignored]
        height, width = self.pixels.shape[:2]
        return parse_boxes('\n'.join(lines), width, height)


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
        for path in sorted(path for path in members if path.endswith(('.webp', '.jpg'))):
            label = members.get(path.rsplit('.', 1)[0] + '.txt')
            text = tar.extractfile(label).read().decode() if label else ''
            yield Photo(name, Path(path).stem, tar.extractfile(members[path]).read(), text)


def archives(folder: Path, part: str) -> list[Path]:
    """The tar files of part 'train' or 'val' in folder; a missing folder or part is an error."""
    found = sorted(folder.glob(f'*-{part}.tar'))
    if not found:
        raise UserError(f'{folder}: no *-{part}.tar here; name the folder of image sets with --data')
    return found


def read_labelling(folder: Path) -> dict[str, frozenset[int]]:
    """Set name to the classes that it labels, from sets.json."""
    return {
        name: frozenset(CLASS_NAMES.index(label) for label in _classes(entry))
        for name, entry in _entries(folder).items()
    }


def set_sources(folder: Path) -> list[Source]:
    """The train archives of a folder as sources, described by sets.json."""
    entries = _entries(folder)
    result = []
    for archive in archives(folder, 'train'):
        name = archive.name.rsplit('-', 1)[0]
        classes = _classes(entries[name])
        exhaustive = set(classes) - set(INCOMPLETE.get(name, ())) if entries[name]['exhaustive'] else ()
        result.append(
            Source(
                name,
                archive,
                images=('*.webp',),
                cap=10_000,
                labels='yolo' if classes else 'none',
                classes={str(COCO_IDS[CLASS_NAMES.index(label)]): label for label in classes},
                exhaustive=tuple(sorted(exhaustive)),
                unreliable=UNRELIABLE.get(name, ()),
                weight=WEIGHTS.get(name, 1.0),
                terms=entries[name]['licence'],
            )
        )
    return result


def _entries(folder: Path) -> dict[str, dict]:
    return json.loads((folder / 'sets.json').read_text())['sets']


def _classes(entry: dict) -> list[str]:
    groups = {'VOC20': VOC_CLASSES, 'COCO80': frozenset(CLASS_NAMES)}
    said = entry['labelled']
    return sorted(groups[said]) if isinstance(said, str) else said
