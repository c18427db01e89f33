"""The table of image sources: what is read, how its labels are written, and how much of it is taken.

A table is JSON, {"sources": {NAME: {...}}}, of these columns, of which path, images and cap are needed:

- path: folder, tar file or git directory, relative to the folder of the pool;
- images: patterns of the images' paths inside it (fnmatch's, where * matches / too);
- labels: "none" (the default), "yolo" or "voc"; label: [OLD, NEW], which turns an image's path into its label's;
- classes: the labels' class (index or name) to this project's, or "COCO80"; exhaustive: classes of which every object
  is labelled, or "all" of them; unreliable: classes whose labels count only where a teacher confirms them;
- cap: images taken at most; view: images of one camera view taken at most; stem: one image of Roboflow's copies;
  color: gray images are left out; side: long side that is kept, in pixels;
- camera: fixed cameras, of which some views are held out for validation; weight: how often an image is drawn;
- terms, url: for the model card.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

from ghostcam_models.common.command_line import UserError
from ghostcam_models.common.labels import CLASS_NAMES, COCO_IDS

COCO80 = {str(coco): name for coco, name in zip(COCO_IDS, CLASS_NAMES, strict=True)}
FORMATS = ('none', 'yolo', 'voc')


@dataclass(frozen=True)
class Source:
    """One row of the table; see the head of this file."""

    name: str
    path: Path
    images: tuple[str, ...]
    cap: int
    labels: str = 'none'
    label: tuple[str, str] = ('', '')
    classes: dict[str, str] = field(default_factory=dict)
    exhaustive: tuple[str, ...] = ()
    unreliable: tuple[str, ...] = ()
    view: int = 20
    stem: bool = False
    color: bool = False
    side: int = 512
    camera: bool = False
    weight: float = 1.0
    terms: str = ''
    url: str = ''


def read_sources(table: Path, pool: Path) -> list[Source]:
    """The rows of a table in its order, paths below pool. UserError: a column is missing, unknown or wrong."""
    rows = json.loads(table.read_text())['sources']
    return [_source(f'{table}: {name}', name, dict(row), pool) for name, row in rows.items()]


def _source(place: str, name: str, row: dict, pool: Path) -> Source:
    if row.get('classes') == 'COCO80':
        row['classes'] = COCO80
    if row.get('exhaustive') == 'all':
        row['exhaustive'] = sorted(set(row['classes'].values()))
    row.update(
        {key: tuple(row[key]) for key in ('images', 'label', 'exhaustive', 'unreliable') if key in row}
    )
    try:
        source = Source(name, pool / row.pop('path'), **row)
    except (KeyError, TypeError) as error:
        raise UserError(f'{place}: {error}') from error
    if source.labels not in FORMATS:
        raise UserError(f'{place}: labels is "{source.labels}"; it may be {", ".join(FORMATS)}')
    unknown = {*source.classes.values(), *source.exhaustive, *source.unreliable} - set(CLASS_NAMES)
    if unknown:
        raise UserError(
            f'{place}: no such class: {", ".join(sorted(unknown))}; known: {", ".join(CLASS_NAMES)}'
        )
    return source
