"""One training run: the network, its average, the optimiser, and a step that any machine can resume from."""

import copy
import math
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
import torch.distributed as dist
from torch import nn

from ghostcam_models.common.labels import NAMES
from ghostcam_models.data.bank import Bank
from ghostcam_models.model.network import Config, Network, load, save
from ghostcam_models.teachers.dense import DenseTeacher, TeacherMaps
from ghostcam_models.training.augment import Draw, batch
from ghostcam_models.training.loss import detection_loss, distillation_loss, flat

FINAL_RATE = 0.01  # learning rate at the end, as a part of the highest
CLIP = 10.0  # largest gradient norm
PARTS = ('loss', 'box', 'cls', 'dfl', 'distil', 'gradient')


@dataclass(frozen=True)
class Settings:
    """What a run is; saved in its checkpoint. batch and teacher_share are of all workers together."""

    architecture: str = 'yolov8-ghostnetv2'
    scale: str = 'n'
    sizes: tuple[int, ...] = (320, 448)  # taken in turn, one an iteration
    batch: int = 32
    iterations: int = 10_000
    rate: float = 2e-3
    decay: float = 0.02
    warmup: int = 300
    average: float = 0.999  # decay of the weights' moving average, which is what ships
    mosaic: float = 0.5  # part of each batch
    close: float = 0.3  # last part of the run, without mosaics
    distil: float = 1.0  # gain of the teacher's maps
    teacher_share: float = (
        1.0  # part of each batch that the teacher looks at: it costs as much as the student
    )
    freeze_norm: bool = False  # keep the batch-norm statistics that the run began with
    seed: int = 0


class Trainer:
    """State of a run in one process. Several processes (ranks) draw different images and share every gradient."""

    def __init__(self, settings: Settings, bank: Bank, teachers: Path | None, device: torch.device):
        self.settings = settings
        self.bank = bank
        self.device = device
        self.rank, self.world = (dist.get_rank(), dist.get_world_size()) if dist.is_initialized() else (0, 1)
        torch.manual_seed(settings.seed)
        network = Network(Config(settings.architecture, settings.scale, NAMES, 'relu'))
        self.net = network.to(device, memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.net).requires_grad_(False)
        matrices = [p for p in self.net.parameters() if p.ndim > 1]
        vectors = [p for p in self.net.parameters() if p.ndim <= 1]
        self.optimizer = torch.optim.AdamW(
            [{'params': matrices, 'weight_decay': settings.decay}, {'params': vectors, 'weight_decay': 0.0}],
            lr=settings.rate,
            betas=(0.9, 0.99),
        )
        self.teacher = DenseTeacher(teachers, device) if settings.distil > 0 else None
        self.iteration = 0

    def start_from(self, path: Path) -> None:
        """Begin with the weights of a checkpoint, as `save` of model/network.py writes it."""
        weights = load(path).state_dict()
        self.net.load_state_dict(weights)
        self.average.load_state_dict(weights)

    def save(self, path: Path) -> None:
        """Write the whole state, or nothing: a run that is cut off keeps the state before."""
        unfinished = path.with_suffix('.part')
        torch.save(
            {
                'average': self.average.state_dict(),
                'net': self.net.state_dict(),
                'optimizer': self.optimizer.state_dict(),
                'iteration': self.iteration,
                'settings': asdict(self.settings),
            },
            unfinished,
        )
        os.replace(unfinished, path)
        save(self.average, path.with_name('weights.pt'))

    def resume(self, path: Path) -> None:
        """Take up a saved run where it stood."""
        state = torch.load(path, map_location='cpu', weights_only=True)
        self.net.load_state_dict(state['net'])
        self.average.load_state_dict(state['average'])
        self.optimizer.load_state_dict(state['optimizer'])
        self.iteration = state['iteration']

    def step(self, stop: bool = False) -> tuple[dict[str, float], bool]:
        """One iteration: (loss parts, whether any process asked to stop)."""
        settings = self.settings
        self.net.train()
        if settings.freeze_norm:
            for module in self.net.modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.eval()
        for group in self.optimizer.param_groups:
            group['lr'] = self.rate()
        size = settings.sizes[self.iteration % len(settings.sizes)]
        images, targets = self.draw(size)
        seen = max(1, round(settings.teacher_share * len(images)))
        maps = self.teacher.look(images[:seen]) if self.teacher else None
        with torch.autocast(self.device.type, torch.bfloat16):
            box, logits = flat(self.net(images.contiguous(memory_format=torch.channels_last)))
        loss, parts = self.loss(box, logits, targets, maps, size)
        self.optimizer.zero_grad(set_to_none=False)
        loss.backward()
        stop = self.share(stop)
        parts['gradient'] = nn.utils.clip_grad_norm_(self.net.parameters(), CLIP)
        self.optimizer.step()
        self.follow()
        self.iteration += 1
        return {name: float(value) for name, value in parts.items()}, stop

    def rate(self) -> float:
        """Learning rate of this iteration: linear warm-up, then half a cosine."""
        settings = self.settings
        fall = 0.5 * (1 + math.cos(math.pi * self.iteration / settings.iterations))
        return (
            settings.rate
            * min(1, (self.iteration + 1) / settings.warmup)
            * (FINAL_RATE + (1 - FINAL_RATE) * fall)
        )

    def draw(self, size: int) -> tuple[torch.Tensor, torch.Tensor]:
        """This process's batch of this iteration; depends on nothing but seed, iteration and rank."""
        settings = self.settings
        count = settings.batch // self.world
        closed = self.iteration >= settings.iterations * (1 - settings.close)
        mosaics = 0 if closed else round(count * settings.mosaic)
        seed = (settings.seed * 1_000_003 + self.iteration) * self.world + self.rank
        return batch(self.bank, Draw(seed, self.device), size, mosaics, count - mosaics)

    def loss(
        self,
        box: torch.Tensor,
        logits: torch.Tensor,
        targets: torch.Tensor,
        maps: TeacherMaps | None,
        size: int,
    ) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        loss, parts = detection_loss(box, logits, targets, size)
        if maps is not None:
            seen = len(maps.scores)
            distil = distillation_loss(box[:seen], logits[:seen], maps, size)
            parts['distil'] = distil.detach()
            loss = loss + self.settings.distil * distil
        return loss, {'loss': loss.detach(), **parts}

    def share(self, stop: bool) -> bool:
        """Average gradients and batch-norm statistics over the processes; true when any of them wants to stop."""
        if self.world == 1:
            return stop
        tensors = [p.grad for p in self.net.parameters() if p.grad is not None]
        tensors += [b for b in self.net.buffers() if b.is_floating_point()]
        wish = torch.tensor([float(stop)], device=self.device)
        flat = torch.cat([t.flatten() for t in tensors] + [wish])
        dist.all_reduce(flat)
        flat /= self.world
        for tensor, part in zip(tensors, flat[:-1].split([t.numel() for t in tensors]), strict=True):
            tensor.copy_(part.view_as(tensor))
        return bool(flat[-1] > 0)

    @torch.no_grad()
    def follow(self) -> None:
        """Move the average towards the weights; statistics and counters are copied as they are."""
        for mean, value in zip(self.average.parameters(), self.net.parameters(), strict=True):
            mean.lerp_(value, 1 - self.settings.average)
        for mean, value in zip(self.average.buffers(), self.net.buffers(), strict=True):
            if value.is_floating_point():
                mean.lerp_(value, 1 - self.settings.average)
            else:
                mean.copy_(value)
