"""The building blocks of YOLOv8 and of its GhostNet variants.

Feature maps are [B, channels, H, W]. Only the stride-2 Conv changes H and W: it halves them. Each block keeps
the layers of its original, so that complexity.py counts what the original counts.
"""

import torch
import torch.nn.functional as F
from torch import nn


class Conv(nn.Sequential):
    """Convolution, batch norm, activation: [B, ci, H, W] -> [B, co, H/stride, W/stride].

    activation is one module shared by the whole network.
    """

    def __init__(self, ci: int, co: int, kernel: int, activation: nn.Module, stride: int = 1):
        super().__init__()
        self.conv = nn.Conv2d(ci, co, kernel, stride, kernel // 2, bias=False)
        self.bn = nn.BatchNorm2d(co, eps=1e-3, momentum=0.03)
        self.act = activation


class UnfusedConv(Conv):
    """A Conv whose batch norm the published comparison counted unfused.

    Its ghost detectors define a Conv of their own in the file of their blocks, which the fuse step of their framework
    does not know: see `fuse_as_published` in fuse.py. As a function it is a Conv.
    """


class Bottleneck(nn.Module):
    """Two 3x3 convolutions, [B, c, H, W] -> same; with shortcut, a residual block (arXiv 1512.03385)."""

    def __init__(self, c: int, activation: nn.Module, shortcut: bool):
        super().__init__()
        self.cv1 = Conv(c, c, 3, activation)
        self.cv2 = Conv(c, c, 3, activation)
        self.shortcut = shortcut

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.cv2(self.cv1(x))
        return x + y if self.shortcut else y


class GhostModule(nn.Module):
    """Half of the features by a 1x1 convolution, the other half from these by a cheap depthwise 3x3.

    [B, ci, H, W] -> [B, co, H, W], co even (GhostNet: Han et al., arXiv 1911.11907).
    """

    def __init__(self, ci: int, co: int, relu: bool):
        super().__init__()
        half = co // 2
        self.primary = nn.Sequential(
            nn.Conv2d(ci, half, 1, bias=False),
            nn.BatchNorm2d(half),
            nn.ReLU(inplace=True) if relu else nn.Identity(),
        )
        self.cheap = nn.Sequential(
            nn.Conv2d(half, half, 3, padding=1, groups=half, bias=False),
            nn.BatchNorm2d(half),
            nn.ReLU(inplace=True) if relu else nn.Identity(),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        primary = self.primary(x)
        return torch.cat((primary, self.cheap(primary)), 1)


class GhostModuleV2(GhostModule):
    """GhostModule whose features can pass a gate of decoupled fully connected (DFC) attention.

    The gate is computed at half the resolution, so H and W must be even; its depthwise convolutions 1x5 and
    5x1 let a position see its row, then its column (GhostNetV2: Tang et al., arXiv 2211.12905).
    """

    def __init__(self, ci: int, co: int, relu: bool, attention: bool):
        super().__init__(ci, co, relu)
        self.sigmoid = nn.Sigmoid()  # also without attention, as in the original: it counts as a layer
        self.attention = dfc_attention(ci, co) if attention else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = super().forward(x)
        if self.attention is None:
            return y
        gate = self.sigmoid(self.attention(F.avg_pool2d(x, 2)))
        # A factor, not a size: it exports as a Resize with constant scales, which keeps the graph static.
        return y * F.interpolate(gate, scale_factor=2.0, mode='nearest')


def dfc_attention(ci: int, co: int) -> nn.Sequential:
    """The logits of the DFC gate: [B, ci, H, W] -> [B, co, H, W]."""
    return nn.Sequential(
        nn.Conv2d(ci, co, 1, bias=False),
        nn.BatchNorm2d(co),
        nn.Conv2d(co, co, (1, 5), padding=(0, 2), groups=co, bias=False),
        nn.BatchNorm2d(co),
        nn.Conv2d(co, co, (5, 1), padding=(2, 0), groups=co, bias=False),
        nn.BatchNorm2d(co),
    )


class GhostBottleneck(nn.Module):
    """GhostNet's bottleneck, [B, c, H, W] -> same: expand, project, add the input. No squeeze-and-excite."""

    def __init__(self, c: int):
        super().__init__()
        self.ghost1 = GhostModule(c, c, relu=True)
        self.ghost2 = GhostModule(c, c, relu=False)
        self.shortcut = nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.ghost2(self.ghost1(x)) + self.shortcut(x)


class GhostBottleneckV2(GhostBottleneck):
    """GhostNetV2's bottleneck: attention, where there is any, gates the expanded features only."""

    def __init__(self, c: int, attention: bool):
        super().__init__(c)
        self.ghost1 = GhostModuleV2(c, c, relu=True, attention=attention)
        self.ghost2 = GhostModuleV2(c, c, relu=False, attention=False)


class GGhostBottleneck(nn.Sequential):
    """The residual block of G-GhostNet's RegNet at group width 1, [B, c, H, W] -> same (arXiv 2201.03297).

    1x1, depthwise 3x3, 1x1, each with batch norm; ReLU between them and after the sum with the input.
    """

    def __init__(self, c: int):
        relu = nn.ReLU(inplace=True)
        super().__init__(
            nn.Conv2d(c, c, 1, bias=False),
            nn.BatchNorm2d(c),
            relu,
            nn.Conv2d(c, c, 3, padding=1, groups=c, bias=False),
            nn.BatchNorm2d(c),
            relu,
            nn.Conv2d(c, c, 1, bias=False),
            nn.BatchNorm2d(c),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(x + super().forward(x))


class C2f(nn.Module):
    """Cross-stage partial block with n bottlenecks in a row, [B, ci, H, W] -> [B, co, H, W].

    Half of the channels pass through the bottlenecks, which take and give co / 2, and every bottleneck's
    output goes into the last convolution. conv is the class of the two 1x1 convolutions.
    """

    def __init__(
        self, ci: int, co: int, bottlenecks: list[nn.Module], activation: nn.Module, conv: type[Conv] = Conv
    ):
        super().__init__()
        self.half = co // 2
        self.cv1 = conv(ci, 2 * self.half, 1, activation)
        self.cv2 = conv((2 + len(bottlenecks)) * self.half, co, 1, activation)
        self.m = nn.ModuleList(bottlenecks)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        pieces = list(self.cv1(x).split(self.half, 1))
        for bottleneck in self.m:
            pieces.append(bottleneck(pieces[-1]))
        return self.cv2(torch.cat(pieces, 1))


class SPPF(nn.Module):
    """Spatial pyramid pooling, fast: three 5x5 max pools in a row, all joined; [B, c, H, W] -> same
    (He et al., arXiv 1406.4729; its fast form is YOLOv5's)."""

    def __init__(self, c: int, activation: nn.Module):
        super().__init__()
        self.cv1 = Conv(c, c // 2, 1, activation)
        self.cv2 = Conv(4 * (c // 2), c, 1, activation)
        self.pool = nn.MaxPool2d(5, 1, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        pieces = [self.cv1(x)]
        for _ in range(3):
            pieces.append(self.pool(pieces[-1]))
        return self.cv2(torch.cat(pieces, 1))


class Concat(nn.Module):
    """Joins feature maps of one size along their channels."""

    def forward(self, maps: list[torch.Tensor]) -> torch.Tensor:
        return torch.cat(maps, 1)
