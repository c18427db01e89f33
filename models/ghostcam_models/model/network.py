"""The network: YOLOv8 (backbone, neck and decoupled head without anchors), its backbone's blocks a choice.

The layers stand in one list, each with the index of the layer it reads, as YOLOv8's own description has them.
"""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import nn

from ghostcam_models.common.command_line import UserError
from ghostcam_models.model.blocks import (
    SPPF,
    Bottleneck,
    C2f,
    Concat,
    Conv,
    GGhostBottleneck,
    GhostBottleneck,
    GhostBottleneckV2,
    UnfusedConv,
)
from ghostcam_models.model.decode import corners, expected_distances, grid

STRIDES = (8, 16, 32)
"""Input pixels to a cell of each of the head's levels."""

REG_MAX = 16
"""A box side is a distribution over this many distances, 0 to 15 strides (Li et al., arXiv 2006.04388)."""

SCALES = {'n': (1 / 3, 1 / 4), 's': (1 / 3, 1 / 2)}
"""Depth and width of a network relative to YOLOv8l's."""

BLOCKS: dict[str, Callable[[int, int], nn.Module] | None] = {
    'yolov8': None,
    'yolov8-ghostnet': lambda c, i: GhostBottleneck(c),
    'yolov8-ghostnetv2-off': lambda c, i: GhostBottleneckV2(c, attention=False),
    'yolov8-ghostnetv2': lambda c, i: GhostBottleneckV2(c, attention=i >= 2),
    'yolov8-ghostnetv2-all': lambda c, i: GhostBottleneckV2(c, attention=True),
    'yolov8-g-ghost': lambda c, i: GGhostBottleneck(c),
}
"""Architecture to the block of its backbone: (channels, index of the block in the network) -> block.

GhostNetV2's paper leaves the first two bottlenecks without attention: yolov8-ghostnetv2 is the real one."""

ACTIVATIONS = {'silu': nn.SiLU, 'relu': nn.ReLU}


@dataclass(frozen=True)
class Config:
    """What a network is, besides its weights. activation is that of Conv; ghost blocks always have ReLU."""

    architecture: str
    scale: str
    labels: tuple[str, ...]
    activation: str = 'silu'

    @property
    def name(self) -> str:
        """Such as yolov8n-ghostnetv2."""
        return self.architecture.replace('yolov8', f'yolov8{self.scale}', 1)

    @property
    def step(self) -> int:
        """Width and height of the input are multiples of this: attention halves the coarsest map once more."""
        return 64 if 'ghostnetv2' in self.architecture else 32


class Detect(nn.Module):
    """The head: for each level [B, c, H, W] box logits [B, 4 * REG_MAX, H, W] and class logits [B, nc, H, W].

    Box logits are, side by side, the distributions of the distances from a location to the left, top, right
    and bottom of its object, in strides.
    """

    def __init__(self, nc: int, channels: tuple[int, ...], activation: nn.Module):
        super().__init__()
        box_width = max(channels[0] // 4, 4 * REG_MAX)
        cls_width = max(channels[0], nc)
        self.box = nn.ModuleList(self._branch(c, box_width, 4 * REG_MAX, activation) for c in channels)
        self.cls = nn.ModuleList(self._branch(c, cls_width, nc, activation) for c in channels)
        self.dfl = DFL()
        for box, cls, stride in zip(self.box, self.cls, STRIDES, strict=True):
            # Five objects in a picture of 640 x 640: training starts from there.
            nn.init.constant_(box[-1].bias, 1.0)
            nn.init.constant_(cls[-1].bias, math.log(5 / nc / (640 / stride) ** 2))

    @staticmethod
    def _branch(ci: int, width: int, co: int, activation: nn.Module) -> nn.Sequential:
        return nn.Sequential(
            Conv(ci, width, 3, activation), Conv(width, width, 3, activation), nn.Conv2d(width, co, 1)
        )

    def forward(self, levels: list[torch.Tensor]) -> list[tuple[torch.Tensor, torch.Tensor]]:
        return [(box(x), cls(x)) for x, box, cls in zip(levels, self.box, self.cls, strict=True)]

    def decode(self, outputs: list[tuple[torch.Tensor, torch.Tensor]]) -> torch.Tensor:
        """Boxes and scores of all locations, [B, 4 + nc, A]: x1, y1, x2, y2 in input pixels, scores 0..1.

        Locations come row by row, level after level.
        """
        decoded = []
        for (box, cls), stride in zip(outputs, STRIDES, strict=True):
            centers = grid(*box.shape[-2:]).to(box) + 0.5
            boxes = corners(self.dfl(box.flatten(2).transpose(1, 2)), centers) * stride
            decoded.append(torch.cat((boxes.transpose(1, 2), cls.flatten(2).sigmoid()), 1))
        return torch.cat(decoded, 2)


class DFL(nn.Module):
    """Expected distance of each side from its distribution's logits: [B, A, 4 * REG_MAX] -> [B, A, 4].

    The bins are the fixed weights 0 to 15 of a convolution, as in YOLOv8, which counts its parameters.
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(REG_MAX, 1, 1, bias=False).requires_grad_(False)
        self.conv.weight.data[:] = torch.arange(REG_MAX, dtype=torch.float).view(1, REG_MAX, 1, 1)

    def forward(self, logits: torch.Tensor) -> torch.Tensor:
        return expected_distances(logits, self.conv.weight.flatten())


class Network(nn.Module):
    """A detector: RGB [B, 3, H, W] scaled to 0..1 -> for each of STRIDES the logits that Detect describes.

    H and W are multiples of 32; of 64 where the backbone has attention.
    """

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        depth, width = SCALES[config.scale]
        activation = ACTIVATIONS[config.activation](inplace=True)
        block = BLOCKS[config.architecture]
        blocks_made = 0

        def channels(of_large: int) -> int:
            return math.ceil(of_large * width / 8) * 8

        def repeats(of_large: int) -> int:
            return max(round(of_large * depth), 1)

        def conv(ci: int, co: int) -> Conv:
            return Conv(ci, co, 3, activation, stride=2)

        def backbone_c2f(c: int, n: int) -> C2f:
            nonlocal blocks_made
            if block is None:
                return C2f(
                    c, c, [Bottleneck(c // 2, activation, shortcut=True) for _ in range(n)], activation
                )
            blocks = [block(c // 2, blocks_made + i) for i in range(n)]
            blocks_made += n
            return C2f(c, c, blocks, unfused_activation, UnfusedConv)

        def neck_c2f(ci: int, co: int) -> C2f:
            blocks = [Bottleneck(co // 2, activation, shortcut=False) for _ in range(repeats(3))]
            return C2f(ci, co, blocks, activation)

        unfused_activation = ACTIVATIONS[config.activation](inplace=True)
        c1, c2, c3, c4, c5 = (channels(c) for c in (64, 128, 256, 512, 1024))
        layers: list[tuple[int | tuple[int, ...], nn.Module]] = [  # what the layer reads, and the layer
            (-1, conv(3, c1)),  # 0: stride 2
            (-1, conv(c1, c2)),  # 1: stride 4
            (-1, backbone_c2f(c2, repeats(3))),
            (-1, conv(c2, c3)),  # 3: stride 8
            (-1, backbone_c2f(c3, repeats(6))),
            (-1, conv(c3, c4)),  # 5: stride 16
            (-1, backbone_c2f(c4, repeats(6))),
            (-1, conv(c4, c5)),  # 7: stride 32
            (-1, backbone_c2f(c5, repeats(3))),
            (-1, SPPF(c5, activation)),  # 9
            (-1, nn.Upsample(scale_factor=2.0, mode='nearest')),
            ((-1, 6), Concat()),
            (-1, neck_c2f(c5 + c4, c4)),  # 12
            (-1, nn.Upsample(scale_factor=2.0, mode='nearest')),
            ((-1, 4), Concat()),
            (-1, neck_c2f(c4 + c3, c3)),  # 15: stride 8 out
            (-1, conv(c3, c3)),
            ((-1, 12), Concat()),
            (-1, neck_c2f(c3 + c4, c4)),  # 18: stride 16 out
            (-1, conv(c4, c4)),
            ((-1, 9), Concat()),
            (-1, neck_c2f(c4 + c5, c5)),  # 21: stride 32 out
            ((15, 18, 21), Detect(len(config.labels), (c3, c4, c5), activation)),
        ]
        self.sources = [source for source, _ in layers]
        self.layers = nn.ModuleList(layer for _, layer in layers)

    def forward(self, x: torch.Tensor) -> list[tuple[torch.Tensor, torch.Tensor]]:
        outputs = [x]
        for source, layer in zip(self.sources, self.layers, strict=True):
            if isinstance(source, int):
                outputs.append(layer(outputs[-1]))
            else:
                outputs.append(layer([outputs[-1] if i == -1 else outputs[i + 1] for i in source]))
        return outputs[-1]

    def decode(self, outputs: list[tuple[torch.Tensor, torch.Tensor]]) -> torch.Tensor:
        """See Detect.decode."""
        return self.layers[-1].decode(outputs)


def save(network: Network, path: Path) -> None:
    """Write a checkpoint: the configuration, and the weights in half precision.

    Batch norms and biases stay in single precision: a variance can be too large or too small for a half.
    """
    state = {
        k: v.half() if v.is_floating_point() and v.dim() == 4 else v for k, v in network.state_dict().items()
    }
    torch.save({'config': asdict(network.config), 'state': state}, path)


def load(path: Path) -> Network:
    """The network of a checkpoint, in single precision and evaluation mode. Raises UserError where it is none."""
    if not path.is_file():
        raise UserError(f'{path}: no such file; give a checkpoint, such as weights.pt of a run')
    try:
        checkpoint = torch.load(path, map_location='cpu', weights_only=True)
        config = checkpoint['config']
    except Exception as error:  # PyTorch raises errors of many types for files that are not its own
        raise UserError(f'{path}: not a checkpoint of this project; weights.pt of a run is one') from error
    network = Network(Config(**{**config, 'labels': tuple(config['labels'])}))
    network.load_state_dict(checkpoint['state'])
    return network.eval()
