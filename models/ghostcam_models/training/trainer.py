"""One training run: the network, the moving average of its weights, the optimizer, and a step."""

import copy
import math
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch import nn
from torch.utils.data import DataLoader

from ghostcam_models.common.environment import has_bfloat16
from ghostcam_models.common.labels import CLASS_NAMES
from ghostcam_models.data.prepared_images import PreparedImages
from ghostcam_models.model.network import Config, Network, load, save
from ghostcam_models.teachers.dense import DenseTeacher, TeacherMaps
from ghostcam_models.training.assigner import Shape
from ghostcam_models.training.batches import Batch, Batches
from ghostcam_models.training.color_jitter import color_jitter
from ghostcam_models.training.degrade import degrade
from ghostcam_models.training.loss import detection_loss, distillation_loss, flatten_levels
from ghostcam_models.training.resident import ResidentImages

FINAL_LR_FRACTION = 0.01
"""Learning rate at the end, as a part of the highest."""

MOSAIC_FREE = 0.4
"""Last part of the cool-down, in which pictures are whole ones, as those that the network is for."""

MAX_GRAD_NORM = 10.0

LOGGED = ('loss', 'box', 'cls', 'dfl', 'distill', 'grad_norm')
"""What a step returns of each iteration: the loss, its parts, and the norm of the gradient before clipping."""


def setting(default: object, meaning: str) -> Any:
    """A field of Settings; its meaning is also the help of its option of ghostcam-train."""
    return field(default=default, metadata={'help': meaning})


@dataclass(frozen=True)
class Settings:
    """What a run is; saved in its checkpoint."""

    architecture: str = setting('yolov8-ghostnetv2', 'architecture')
    scale: str = setting('n', 'scale')
    imgsz: tuple[Shape, ...] = setting(
        ((320, 320), (448, 448)),
        'side or WIDTHxHEIGHT of the input in pixels, taken in turn, one an iteration',
    )
    batch_size: int = setting(32, 'images of an iteration, of all processes together')
    iterations: int = setting(10_000, 'length of the run')
    lr: float = setting(7e-4, 'learning rate between the linear warm-up and the cool-down')
    weight_decay: float = setting(0.02, "AdamW's weight decay, of matrices and kernels")
    warmup: int = setting(300, 'iterations of warm-up')
    ema_decay: float = setting(0.999, "decay of the weights' exponential moving average, which ships")
    mosaic: float = setting(0.4, 'part of each batch that is mosaics')
    cooldown: float = setting(
        0.2,
        'last part of the run, in which the learning rate falls; no mosaics are drawn in the last two fifths of it',
    )
    distill: float = setting(1.0, 'gain of the distillation loss; 0 for none')
    distill_fraction: float = setting(
        0.25, 'part of each batch that is distilled: the teacher costs as much time as the student'
    )
    freeze_bn: bool = setting(False, 'keep the batch-norm statistics that the run began with')
    seed: int = setting(0, 'of batches and of initial weights')

    @property
    def cooldown_start(self) -> float:
        """Iteration with which the cool-down begins."""
        return self.iterations * (1 - self.cooldown)

    @property
    def mosaics_end(self) -> float:
        """Iteration from which on no mosaics are drawn, as in YOLOX's last epochs (Ge et al., arXiv 2107.08430, section 2.1)."""
        return self.iterations * (1 - MOSAIC_FREE * self.cooldown)


class Trainer:
    """State of a run in one process. Several processes (ranks) draw different images and share every gradient."""

    def __init__(
        self,
        settings: Settings,
        prepared: PreparedImages,
        teachers: Path | None,
        device: torch.device,
        loaders: int = 0,
        dtype: torch.dtype | None = None,
        resident: ResidentImages | None = None,
    ):
        """dtype: what the networks compute in (default: bfloat16 where the device has it, else float32); resident:
        the prepared images in the device's memory (default: each is decoded when it is drawn)."""
        self.settings = settings
        self.prepared = prepared
        self.resident = resident
        self.device = device
        fast = torch.bfloat16 if device.type != 'cpu' or has_bfloat16() else torch.float32
        self.dtype = dtype or fast
        self.loaders = loaders
        self.batches: Iterator[Batch] | None = None
        self.rank, self.world = (dist.get_rank(), dist.get_world_size()) if dist.is_initialized() else (0, 1)
        torch.manual_seed(settings.seed)
        network = Network(Config(settings.architecture, settings.scale, CLASS_NAMES, 'relu'))
        self.network = network.to(device, memory_format=torch.channels_last)
        self.ema = copy.deepcopy(self.network).requires_grad_(False)
        matrices = [p for p in self.network.parameters() if p.ndim > 1]
        vectors = [p for p in self.network.parameters() if p.ndim <= 1]
        self.optimizer = torch.optim.AdamW(
            [
                {'params': matrices, 'weight_decay': settings.weight_decay},
                {'params': vectors, 'weight_decay': 0.0},
            ],
            lr=settings.lr,
            betas=(0.9, 0.99),
        )
        self.teacher = DenseTeacher(teachers, device, self.dtype) if settings.distill > 0 else None
        self.iteration = 0

    def load_weights(self, path: Path) -> None:
        """Begin with the weights of a checkpoint, as `save` of model/network.py writes it."""
        weights = load(path).state_dict()
        self.network.load_state_dict(weights)
        self.ema.load_state_dict(weights)

    def save(self, path: Path) -> None:
        """Write the whole state, or nothing: a run that is cut off keeps the state before."""
        unfinished = path.with_suffix('.part')
        torch.save(
            {
                'ema': self.ema.state_dict(),
                'network': self.network.state_dict(),
                'optimizer': self.optimizer.state_dict(),
                'iteration': self.iteration,
                'settings': asdict(self.settings),
            },
            unfinished,
        )
        os.replace(unfinished, path)
        save(self.ema, path.with_name('weights.pt'))

    def resume(self, path: Path) -> None:
        """Take up a saved run where it stood."""
        state = torch.load(path, map_location='cpu', weights_only=True)
        self.network.load_state_dict(state['network'])
        self.ema.load_state_dict(state['ema'])
        self.optimizer.load_state_dict(state['optimizer'])
        self.iteration = state['iteration']
        self.batches = None

    def step(self, stop: bool = False) -> tuple[dict[str, torch.Tensor], bool]:
        """One iteration: (its values by the names in LOGGED, on the device, whether any process asked to stop)."""
        settings = self.settings
        self.network.train()
        if settings.freeze_bn:
            for module in self.network.modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.eval()
        for group in self.optimizer.param_groups:
            group['lr'] = self.lr()
        batch = self.next_batch()
        if self.resident:
            clean = self.resident.compose(batch.images, batch.shape)
        else:
            clean = batch.images.to(self.device)
        # The teacher sees the pictures before a camera's faults.
        distilled = max(1, round(len(clean) * settings.distill_fraction))
        maps = self.teacher.predict(clean[:distilled].float() / 255) if self.teacher else None
        generator = torch.Generator().manual_seed(batch.seed)
        images = color_jitter(degrade(clean, generator), generator)
        with torch.autocast(self.device.type, self.dtype, enabled=self.dtype == torch.bfloat16):
            box, logits = flatten_levels(self.network(images.contiguous(memory_format=torch.channels_last)))
        loss, values = self.loss(box, logits, batch.targets.to(self.device), maps, batch.shape)
        self.optimizer.zero_grad(set_to_none=False)
        loss.backward()
        stop = self.all_reduce(stop)
        values['grad_norm'] = nn.utils.clip_grad_norm_(self.network.parameters(), MAX_GRAD_NORM)
        self.optimizer.step()
        self.update_ema()
        self.iteration += 1
        return values, stop

    def lr(self) -> float:
        """Learning rate of this iteration: a linear warm-up, constant, and a fall by the root of time.

        A constant rate needs no end to be known: a run goes on for as long as it pays, and each cool-down that
        branches off gives weights to ship (Haegele et al., arXiv 2405.18392).
        """
        settings = self.settings
        left = (settings.iterations - self.iteration) / max(1, settings.iterations - settings.cooldown_start)
        fall = 1 - math.sqrt(1 - min(1.0, left))
        warm = min(1, (self.iteration + 1) / max(1, settings.warmup))
        return settings.lr * warm * (FINAL_LR_FRACTION + (1 - FINAL_LR_FRACTION) * fall)

    def next_batch(self) -> Batch:
        """This process's batch of this iteration."""
        if self.batches is None:
            settings = self.settings
            count = settings.batch_size // self.world
            batches = Batches(
                self.prepared,
                settings.imgsz,
                count,
                mosaics=round(count * settings.mosaic),
                rendered=self.resident is None,
                mosaics_end=settings.mosaics_end,
                seed=settings.seed,
                rank=self.rank,
                world=self.world,
            )
            order = range(self.iteration, settings.iterations)
            self.batches = iter(DataLoader(batches, None, sampler=order, num_workers=self.loaders))
        return next(self.batches)

    def loss(
        self,
        box: torch.Tensor,
        logits: torch.Tensor,
        targets: torch.Tensor,
        maps: TeacherMaps | None,
        shape: Shape,
    ) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """The loss of a batch, and its parts, detached, by their names in LOGGED."""
        loss, parts = detection_loss(box, logits, targets, shape)
        if maps is not None:
            distilled = len(maps.scores)
            distill = distillation_loss(box[:distilled], logits[:distilled], maps, shape)
            parts['distill'] = distill.detach()
            loss = loss + self.settings.distill * distill
        return loss, {'loss': loss.detach(), **parts}

    def all_reduce(self, stop: bool) -> bool:
        """Average gradients and batch-norm statistics over the processes; true when any of them wants to stop."""
        if self.world == 1:
            return stop
        tensors = [p.grad for p in self.network.parameters() if p.grad is not None]
        tensors += [b for b in self.network.buffers() if b.is_floating_point()]
        flag = torch.tensor([float(stop)], device=self.device)
        flat = torch.cat([t.flatten() for t in tensors] + [flag])
        dist.all_reduce(flat)
        flat /= self.world
        for tensor, part in zip(tensors, flat[:-1].split([t.numel() for t in tensors]), strict=True):
            tensor.copy_(part.view_as(tensor))
        return bool(flat[-1] > 0)

    @torch.no_grad()
    def update_ema(self) -> None:
        """Move the average towards the weights and statistics; counters are copied as they are."""
        weight = 1 - self.settings.ema_decay
        torch._foreach_lerp_(list(self.ema.parameters()), list(self.network.parameters()), weight)
        for mean, value in zip(self.ema.buffers(), self.network.buffers(), strict=True):
            if value.is_floating_point():
                mean.lerp_(value, weight)
            else:
                mean.copy_(value)
