"""Label files of other makers, to boxes of this project's classes."""

import xml.etree.ElementTree as ElementTree

import numpy as np

from ghostcam_models.common.labels import CLASS_NAMES
from ghostcam_models.data.sources import Source

Row = tuple[str, float, float, float, float]  # class as the file names it, corners relative to the image

NOTHING = np.zeros((0, 5), np.float32)


def parse_label(source: Source, text: str, width: int, height: int) -> np.ndarray:
    """Boxes float32 [n, 5] of class and corners in pixels of a width x height image; classes not mapped are left out.

    A file that cannot be read has no boxes: of published sets, a few files are broken.
    """
    try:
        rows = {'voc': _voc, 'yolo': _yolo, 'none': lambda _: []}[source.labels](text)
    except (ElementTree.ParseError, AttributeError, TypeError, ValueError, ZeroDivisionError):
        return NOTHING
    boxes = []
    for label, *corners in rows:
        if label not in source.classes:
            continue
        left, top, right, bottom = np.clip(corners, 0, 1) * (width, height, width, height)
        if right - left >= 1 and bottom - top >= 1:
            boxes.append((CLASS_NAMES.index(source.classes[label]), left, top, right, bottom))
    return np.array(boxes, np.float32).reshape(-1, 5)


def _yolo(text: str) -> list[Row]:
    """Lines of "class center-x center-y width height"; polygons, which are longer, are left out."""
    rows = []
    for fields in map(str.split, text.splitlines()):
        if len(fields) == 5:
            x, y, w, h = map(float, fields[1:])
            rows.append((fields[0], x - w / 2, y - h / 2, x + w / 2, y + h / 2))
    return rows


def _voc(text: str) -> list[Row]:
    """Pascal VOC's XML: <object> with <name> and <bndbox> in pixels of <size>."""
    root = ElementTree.fromstring(text)
    width, height = (float(root.findtext(f'size/{key}')) for key in ('width', 'height'))
    rows = []
    for item in root.iter('object'):
        left, top, right, bottom = (
            float(item.findtext(f'bndbox/{k}')) for k in ('xmin', 'ymin', 'xmax', 'ymax')
        )
        rows.append((item.findtext('name'), left / width, top / height, right / width, bottom / height))
    return rows
