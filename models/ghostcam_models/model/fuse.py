"""Fusing batch norms into the convolutions before them: exact in value, and less to compute."""

import itertools

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from ghostcam_models.model.blocks import Conv
from ghostcam_models.model.network import Network


def fuse(network: Network) -> Network:
    """Fuse every batch norm of a network in evaluation mode, in place: what is deployed."""
    for module in network.modules():
        if isinstance(module, nn.Sequential):
            _fuse_pairs(module)
    return network


def fuse_as_published(network: Network) -> Network:
    """Fuse, in place, only the blocks of class Conv, as the framework behind the published figures does.

    `UnfusedConv` and the insides of ghost modules are left as they are.
    """
    for module in network.modules():
        if type(module) is Conv:
            _fuse_pairs(module)
    return network


def _fuse_pairs(sequence: nn.Sequential) -> None:
    children = list(sequence.named_children())
    for (first, conv), (second, bn) in itertools.pairwise(children):
        if isinstance(conv, nn.Conv2d) and isinstance(bn, nn.BatchNorm2d):
            setattr(sequence, first, fuse_conv_bn_eval(conv, bn))
            delattr(sequence, second)
