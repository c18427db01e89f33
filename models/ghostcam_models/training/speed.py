"""What an image of training costs, by setting: variants of one run take turns, so that other work hits all alike."""

import itertools
import statistics
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch

from ghostcam_models.common.markdown import table
from ghostcam_models.data.prepared_images import PreparedImages
from ghostcam_models.training.resident import ResidentImages
from ghostcam_models.training.trainer import Settings, Trainer

WARM_UP = 1
"""Rounds that are not counted: the first of a shape prepares its kernels."""


@dataclass
class Variant:
    """A trainer with threads threads, and the seconds that its iterations took: all of them, and drawing the batch."""

    name: str
    trainer: Trainer
    threads: int
    processor: list[float] = field(default_factory=list)
    drawing: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)

    def step(self) -> None:
        torch.set_num_threads(self.threads)
        wall, start = time.perf_counter(), time.process_time()
        batch = self.trainer.next_batch()
        drawn = time.process_time()
        self.trainer.batches = itertools.chain([batch], self.trainer.batches)
        self.trainer.step()
        self.processor.append(time.process_time() - start)
        self.drawing.append(drawn - start)
        self.wall.append(time.perf_counter() - wall)


def variants(
    settings: Settings, prepared: PreparedImages, teachers: Path, device: torch.device
) -> list[Variant]:
    """settings at the first of its sizes on one thread, and what else one may do; the first is what all compare with."""
    base = replace(settings, imgsz=settings.imgsz[:1])
    resident = ResidentImages(prepared, device) if device.type != 'cpu' else None
    changes = {
        f'as given, {base.imgsz[0][0]}x{base.imgsz[0][1]}': {},
        'no teacher': {'distill': 0.0},
        'the teacher sees the whole batch': {'distill_fraction': 1.0},
        'no mosaics': {'mosaic': 0.0},
        **{f'{width}x{height}': {'imgsz': ((width, height),)} for width, height in settings.imgsz[1:]},
    }
    made = {
        name: Trainer(replace(base, **change), prepared, teachers, device, resident=resident)
        for name, change in changes.items()
    }
    first = next(iter(made.values()))
    result = [Variant(name, trainer, 1) for name, trainer in made.items()]
    result.append(Variant('two threads', first, 2))
    for dtype in {torch.float32, torch.bfloat16} - {first.dtype}:
        other = Trainer(base, prepared, teachers, device, dtype=dtype, resident=resident)
        result.append(Variant(str(dtype).removeprefix('torch.'), other, 1))
    return result


def measure(compared: list[Variant], rounds: int) -> None:
    """One iteration of each in turn, rounds times and WARM_UP before."""
    for number in range(WARM_UP + rounds):
        for variant in compared:
            variant.step()
            if number < WARM_UP:
                variant.processor.clear(), variant.drawing.clear(), variant.wall.clear()


def report(compared: list[Variant], batch_size: int) -> str:
    """The median over the rounds of each variant, and of its ratio to the first in the same round."""
    rows = [['setting', 'processor, ms an image', 'of it drawing', 'processor', 'wall']]
    first = compared[0]
    for variant in compared:
        median = statistics.median(variant.processor)
        ratios = [
            statistics.median(own / other for own, other in zip(mine, its, strict=True))
            for mine, its in ((variant.processor, first.processor), (variant.wall, first.wall))
        ]
        rows.append(
            [
                variant.name,
                f'{1000 * median / batch_size:.0f}',
                f'{statistics.median(variant.drawing) / median:.0%}',
                *(f'{ratio:.2f}' for ratio in ratios),
            ]
        )
    return table(rows)
