"""Exact rewrites of a fused network for the runtimes that run it: other operators, the same outputs.

XNNPACK takes convolutions and little else: Split, Concat, nearest Resize and pooling of INT8 run outside, each with a
pass over memory and, in INT8, a change of scale. Each rewrite here removes some of them, and is kept because it was
measured: `docs/notes/inference.md` has the figures, also of what was tried and left out. deploy/export.py applies them.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import nn

from ghostcam_models.model.blocks import C2f, GhostModule
from ghostcam_models.model.network import Network


class JoinedGhost(nn.Module):
    """GhostModule without its Concat, and its gate, where there is one, without pooling.

    The 1x1 convolution makes its features twice, and the depthwise one passes the first of them through kernels that
    are 1 in the middle: more multiply-adds, few of all, for less memory traffic. A 1x1 convolution after average
    pooling is one of 2x2 with stride 2. [B, ci, H, W] -> [B, co, H, W].
    """

    def __init__(self, ghost: GhostModule):
        super().__init__()
        (primary, activation), (cheap, _) = ghost.primary, ghost.cheap
        half = primary.out_channels
        doubled = convolution(primary.weight.repeat(2, 1, 1, 1), primary.bias.repeat(2))
        same = torch.zeros_like(cheap.weight)
        same[:, :, 1, 1] = 1
        bias = torch.cat((torch.zeros_like(cheap.bias), cheap.bias))
        depthwise = convolution(torch.cat((same, cheap.weight)), bias, padding=1, groups=2 * half)
        self.features = nn.Sequential(doubled, activation, depthwise, activation)
        self.attention = getattr(ghost, 'attention', None)
        if self.attention is not None:
            first = self.attention[0]
            self.attention[0] = convolution((first.weight / 4).repeat(1, 1, 2, 2), first.bias, stride=2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.features(x)
        if self.attention is None:
            return y
        return y * F.interpolate(self.attention(x).sigmoid(), scale_factor=2.0, mode='nearest')


class LateUpsample(nn.Module):
    """Activation of a 1x1 convolution of two maps, joined, of which the first is upsampled to twice its size.

    A 1x1 convolution and nearest upsampling can change places, so the first map is convolved while it is small, a
    quarter of the work, and a sum takes the place of the Concat. [B, c1, H/2, W/2], [B, c2, H, W] -> [B, co, H, W].
    """

    def __init__(self, low: nn.Conv2d, high: nn.Conv2d, activation: nn.Module):
        super().__init__()
        self.low, self.high, self.act = low, high, activation

    def forward(self, maps: list[torch.Tensor]) -> torch.Tensor:
        low, high = maps
        return self.act(self.high(high) + F.interpolate(self.low(low), scale_factor=2.0, mode='nearest'))


class SplitC2f(nn.Module):
    """C2f whose first convolution is two with half of the outputs each, instead of a Split of what one made."""

    def __init__(self, c2f: C2f):
        super().__init__()
        self.passed_on = outputs_of(c2f.cv1, slice(c2f.half))
        self.worked_on = outputs_of(c2f.cv1, slice(c2f.half, None))
        self.cv2, self.m = c2f.cv2, c2f.m

    def forward(self, x: torch.Tensor | list[torch.Tensor]) -> torch.Tensor:
        pieces = [self.passed_on(x), self.worked_on(x)]
        for bottleneck in self.m:
            pieces.append(bottleneck(pieces[-1]))
        return self.cv2(torch.cat(pieces, 1))


def join_ghosts(network: Network) -> None:
    """Make every GhostModule a JoinedGhost."""
    for module in list(network.modules()):
        for name, child in module.named_children():
            if isinstance(child, GhostModule):
                setattr(module, name, JoinedGhost(child))


def upsample_late(network: Network) -> None:
    """Where an Upsample, a Concat and a C2f follow each other, give the C2f both maps as they are."""
    for i, layer in enumerate(network.layers):
        if isinstance(layer, nn.Upsample):
            low, c2f = network.layers[i - 1].cv2.conv.out_channels, network.layers[i + 2]
            conv, activation = c2f.cv1.conv, c2f.cv1.act
            of_low = convolution(conv.weight[:, :low])
            of_high = convolution(conv.weight[:, low:], conv.bias)
            c2f.cv1 = LateUpsample(of_low, of_high, activation)
            network.layers[i] = network.layers[i + 1] = nn.Identity()


def split_c2f(network: Network) -> None:
    """Make every C2f a SplitC2f."""
    for i, layer in enumerate(network.layers):
        if isinstance(layer, C2f):
            network.layers[i] = SplitC2f(layer)


REWRITES: dict[str, Callable[[Network], None]] = {
    'ghost': join_ghosts,
    'upsample': upsample_late,
    'split': split_c2f,
}
"""By name, in the order in which they are applied; each works with or without those before it."""


def rewrite(network: Network, names: tuple[str, ...] = tuple(REWRITES)) -> Network:
    """Apply the rewrites named to a fused network, in place."""
    with torch.no_grad():
        for name, apply in REWRITES.items():
            if name in names:
                apply(network)
    return network


def outputs_of(block: nn.Module, channels: slice) -> nn.Module:
    """The part of a Conv or a LateUpsample that makes these output channels."""
    if isinstance(block, LateUpsample):
        low = convolution(block.low.weight[channels])
        return LateUpsample(
            low, convolution(block.high.weight[channels], block.high.bias[channels]), block.act
        )
    return nn.Sequential(convolution(block.conv.weight[channels], block.conv.bias[channels]), block.act)


def convolution(weight: torch.Tensor, bias: torch.Tensor | None = None, **geometry: int) -> nn.Conv2d:
    """The convolution of given weights [co, ci / groups, kh, kw]; geometry is nn.Conv2d's stride, padding, groups."""
    co, ci = weight.shape[:2]
    ci *= geometry.get('groups', 1)
    made = nn.Conv2d(ci, co, tuple(weight.shape[2:]), bias=bias is not None, dtype=weight.dtype, **geometry)
    made.weight.copy_(weight)
    if bias is not None:
        made.bias.copy_(bias)
    return made
