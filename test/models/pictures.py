"""Made-up photographs and prepared folders for the tests of the training data."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from ghostcam_models.data.duplicates import details, fingerprint
from ghostcam_models.data.prepared_images import assemble
from ghostcam_models.data.shards import Draft, Shard, encode, replace
from ghostcam_models.data.sources import Source


def photo(seed: int, width: int = 160, height: int = 120) -> np.ndarray:
    """A smooth picture [height, width, 3], another one for each seed: of noise, a smaller copy keeps nothing."""
    small = np.random.default_rng(seed).integers(0, 256, (5, 6, 3), np.uint8)
    return np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))


def jpeg(pixels: np.ndarray, quality: int = 95) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, 'JPEG', quality=quality)
    return buffer.getvalue()


def made_source(name: str = 'made', **columns: object) -> Source:
    return Source(name, Path('nowhere'), images=('*',), cap=1000, **columns)


def write_shard(
    folder: Path,
    source: Source,
    pictures: list[np.ndarray],
    labels: list[np.ndarray],
    seen: list[np.ndarray],
) -> Shard:
    """A finished shard of pictures with their labels [n, 5] and what a teacher saw in each, [n, 6]."""
    draft = Draft()
    for i, pixels in enumerate(pictures):
        draft.encoded.append(encode(Image.fromarray(pixels), source.side))
        draft.sizes.append(pixels.shape[1::-1])
        draft.paths.append(f'{i}.jpg')
        draft.views.append(i)
        draft.prints.append(fingerprint(pixels))
        draft.details.append(details(pixels)[0])
        draft.digests.append(str(i))
        draft.labels.append(labels[i])
    draft.write(folder / f'{source.name}-000', cursor=len(pictures), whole=True)
    shard = Shard(folder / f'{source.name}-000.npz')
    replace(
        shard.seen,
        rows=np.concatenate(seen),
        counts=np.array([len(rows) for rows in seen]),
    )
    return shard


def write_prepared(folder: Path, pictures: list[np.ndarray], labels: list[np.ndarray]) -> None:
    """A prepared folder of pictures with labels [n, 5], of which the teachers see nothing more."""
    source = made_source()
    write_shard(folder, source, pictures, labels, [np.zeros((0, 6), np.float32)] * len(pictures))
    assemble([source], folder)
