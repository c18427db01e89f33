"""From a source's files to shards: distinct images, few of each camera view, none that is known already."""

import fnmatch
import hashlib
import io
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from multiprocessing.pool import Pool
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from tqdm import tqdm

from ghostcam_models.common.command_line import UserError
from ghostcam_models.data.duplicates import (
    SAME_VIEW_CORRELATION,
    THUMBNAIL_SIZE,
    Known,
    details,
    fingerprint,
    mirrored,
)
from ghostcam_models.data.files import Files, open_files
from ghostcam_models.data.label_files import parse_label
from ghostcam_models.data.shards import Draft, encode, shards_of
from ghostcam_models.data.sources import Source

SHARD_SIZE = 512
"""Images in a shard."""

CHUNK_SIZE = 64
"""Images that go to the workers at once."""

MIN_SIDE = 64
"""Pixels of the short side; a smaller image shows less than any camera."""

GRAY_SPREAD = 3.0
"""Mean distance of the color channels from their mean, below which an image counts as gray."""

IMAGE = re.compile(r'\.(jpe?g|png|webp|bmp)$', re.IGNORECASE)

Excluded = set[tuple[str, str]]


@dataclass
class Made:
    """One image, measured and compressed by a worker."""

    encoded: bytes
    size: tuple[int, int]
    digest: str
    print: np.ndarray
    details: np.ndarray
    gray: bool


def make(task: tuple[bytes, int]) -> Made | None:
    """The image of (encoded bytes, long side); None where it cannot be read or is too small."""
    content, side = task
    try:
        image = Image.open(io.BytesIO(content))
        image.draft('RGB', (side, side))
        image = ImageOps.exif_transpose(image).convert('RGB')
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    if min(image.size) < MIN_SIDE:
        return None
    encoded = encode(image, side)
    with Image.open(io.BytesIO(encoded)) as kept:
        size = kept.size
    image.thumbnail((256, 256), Image.Resampling.BOX)
    pixels = np.asarray(image)
    channels = pixels.reshape(-1, 3).astype(np.float32)
    gray = float(np.abs(channels - channels.mean(1, keepdims=True)).mean()) < GRAY_SPREAD
    digest = hashlib.sha1(content).hexdigest()
    return Made(encoded, size, digest, fingerprint(pixels), details(pixels), gray)


class Views:
    """The camera views of one source: an image belongs to the view of the image that it resembles most."""

    def __init__(self, most: int):
        self.most = most
        self.prints = np.zeros((0, THUMBNAIL_SIZE * THUMBNAIL_SIZE), np.float32)
        self.ids: list[int] = []
        self.counts: Counter[int] = Counter()

    def place(self, print_: np.ndarray) -> int | None:
        """The view's number; None where it has enough images."""
        view = len(self.ids)
        if self.ids:
            same = np.maximum(self.prints @ print_, self.prints @ mirrored(print_[None])[0])
            if same.max() >= SAME_VIEW_CORRELATION:
                view = self.ids[int(same.argmax())]
        return view if self.counts[view] < self.most else None

    def add(self, print_: np.ndarray, view: int) -> None:
        self.prints = np.concatenate((self.prints, print_[None]))
        self.ids.append(view)
        self.counts[view] += 1


def convert(source: Source, folder: Path, known: dict[str, Known], excluded: Excluded, pool: Pool) -> None:
    """Write the shards of a source that are not there yet, and print what was left out and why.

    known says what is not taken again: a name for what is printed, to images. A cap that is raised later takes more; it
    is kept to within CHUNK_SIZE images. UserError: nothing of the source is an image that the table means.
    """
    done = shards_of(folder, source.name)
    if done and (done[-1].facts['whole'] or sum(map(len, done)) >= source.cap):
        return
    views = Views(source.view)
    digests = {digest for shard in done for digest in shard.digests}
    for shard in done:
        for print_, view in zip(shard.prints, shard.views.tolist(), strict=True):
            views.add(print_, view)
    kept = len(views.ids)
    cursor = done[-1].facts['cursor'] if done else 0
    files = open_files(source.path)
    paths = wanted(source, files, excluded)
    if not paths:
        raise UserError(
            f'{source.name}: no image of {source.path} matches {" or ".join(source.images)}; correct "images" in the table'
        )
    draft, number = Draft(), len(done)
    dropped: Counter[str] = Counter()
    last = False
    with tqdm(total=len(paths), initial=cursor, desc=source.name, unit='image', leave=False) as bar:
        while not last:
            chunk = paths[cursor : cursor + CHUNK_SIZE]
            made = pool.map(make, [(content, source.side) for content in files.read(chunk)], chunksize=4)
            taken = []
            for path, image in zip(chunk, made, strict=True):
                reason = refuse(source, image, known, digests)
                view = None if reason else views.place(image.print)
                if reason or view is None:
                    dropped[reason or 'more of one view'] += 1
                else:
                    views.add(image.print, view)
                    digests.add(image.digest)
                    taken.append((path, image, view))
                    kept += 1
            texts = label_texts(source, files, [path for path, _, _ in taken])
            for (path, image, view), text in zip(taken, texts, strict=True):
                draft.encoded.append(image.encoded)
                draft.sizes.append(image.size)
                draft.paths.append(path)
                draft.views.append(view)
                draft.prints.append(image.print)
                draft.details.append(image.details[0])
                draft.digests.append(image.digest)
                draft.labels.append(parse_label(source, text, *image.size))
            cursor += len(chunk)
            bar.update(len(chunk))
            whole = cursor >= len(paths)
            last = whole or kept >= source.cap
            if len(draft) >= SHARD_SIZE or last:
                draft.write(folder / f'{source.name}-{number:03}', cursor=cursor, whole=whole)
                draft, number = Draft(), number + 1
    reasons = ', '.join(f'{count} {reason}' for reason, count in dropped.items())
    tqdm.write(
        f'{source.name}: {kept} of {len(paths)} images' + (f'; left out: {reasons}' if reasons else '')
    )


def wanted(source: Source, files: Files, excluded: Excluded) -> list[str]:
    """Paths of a source's images, distinct by content, in a fixed shuffle, so that a cap takes of everything."""
    chosen: dict[str, str] = {}
    for path in sorted(
        filter(IMAGE.search, files.keys), key=lambda path: hashlib.sha1(path.encode()).digest()
    ):
        key = files.keys[path]
        if not any(fnmatch.fnmatchcase(path, pattern) for pattern in source.images):
            continue
        if not {(source.url, key), (source.url, path)} & excluded:
            chosen.setdefault(roboflow_stem(path) if source.stem else key, path)
    return list(chosen.values())


def roboflow_stem(path: str) -> str:
    """What Roboflow's augmented copies of one image have in common: the name before ".rf."."""
    return Path(path).name.split('.rf.')[0]


def refuse(source: Source, image: Made | None, known: dict[str, Known], digests: set[str]) -> str | None:
    """Why an image is not taken, whatever its view; digests are those of the source's images taken so far."""
    if image is None:
        return 'unreadable or small'
    if source.color and image.gray:
        return 'gray'
    if image.digest in digests:
        return 'the same file again'
    copied = (name for name, images in known.items() if images.holds(image.print, image.details))
    return next((f'copies of {name}' for name in copied), None)


def label_texts(source: Source, files: Files, paths: list[str]) -> list[str]:
    """The text of each image's label file; empty where there is none."""
    if source.labels == 'none':
        return [''] * len(paths)
    ending = '.xml' if source.labels == 'voc' else '.txt'
    labels = [IMAGE.sub(ending, path.replace(*source.label)) for path in paths]
    there = [label for label in labels if label in files.keys]
    texts = defaultdict(
        str, zip(there, (c.decode('utf-8', 'replace') for c in files.read(there)), strict=True)
    )
    return [texts[label] for label in labels]


def read_excluded(table: Path) -> Excluded:
    """(repository, blob) and (repository, path) of a table of tab-separated columns repo, blob, path."""
    rows = [line.split('\t') for line in table.read_text().splitlines()[1:]]
    return {(repo, value) for repo, *values in rows for value in values}
