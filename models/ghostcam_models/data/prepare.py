"""All sources, one after the other: convert, label, and join what is done."""

import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from ghostcam_models.data.convert import Excluded, convert
from ghostcam_models.data.duplicates import Known
from ghostcam_models.data.hold_out import hold_out
from ghostcam_models.data.prepared_images import assemble
from ghostcam_models.data.pseudo_labels import label
from ghostcam_models.data.sets import archives, read_photos
from ghostcam_models.data.shards import shards_of
from ghostcam_models.data.sources import Source


def prepare(
    sources: list[Source], data: Path, teachers: Path, prepared: Path, excluded: Excluded, workers: int
) -> None:
    """Write shards, the teacher's labels, the prepared and the held-out archives into the folder prepared.

    data holds the validation sets, of which no copy is taken, nor of what a source before has given. What is there
    already is kept, so that an interrupted run goes on where it was. The table of all images is written last.
    """
    prepared.mkdir(parents=True, exist_ok=True)
    taken = Known()
    known = {'validation images': Known.of(validation_images(data)), "other sources' images": taken}
    # One thread each: the processes share the cores.
    with multiprocessing.Pool(workers, torch.set_num_threads, (1,)) as pool:
        for source in tqdm(sources, unit='source'):
            convert(source, prepared, known, excluded, pool)
            for shard in shards_of(prepared, source.name):
                taken.add(shard.prints, shard.details)
                label(source, shard, teachers, pool)
        hold_out(sources, prepared, teachers, pool)
    assemble(sources, prepared)


def validation_images(data: Path) -> Iterator[np.ndarray]:
    """RGB images [H, W, 3] of all validation sets."""
    for archive in archives(data, 'val'):
        for photo in read_photos(archive):
            yield photo.pixels
