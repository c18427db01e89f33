"""Layers, parameters, GFLOPs and file sizes of the detectors of a published comparison, and of what it leaves out.

The comparison is an article on GhostNet, G-GhostNet and GhostNetV2 in YOLOv8, "Ghostnet、G_ghost、Ghostnetv2性能比较",
whose table is quoted at https://cidian.kuaisou.com/yolov8%E6%94%B9%E8%BF%9Bghostnetv2. Its figures are counted as it
counts them: one class, 640 x 640, batch norms fused only where its framework does (`fuse_as_published` in fuse.py).
"""

import io
from dataclasses import asdict, dataclass

import torch
from torch import nn

from ghostcam_models.common.markdown import table
from ghostcam_models.model.fuse import fuse, fuse_as_published
from ghostcam_models.model.network import DFL, REG_MAX, Config, Network

SIZE = 640
"""Side of the input in pixels."""


@dataclass(frozen=True)
class Figures:
    """What is counted of one network. kb: size of its half-precision checkpoint in units of 1,000 bytes."""

    layers: int
    parameters: int
    gflops: float
    kb: float


PUBLISHED = {
    ('yolov8', 's'): Figures(168, 11_125_971, 28.4, 21_991),
    ('yolov8-ghostnetv2-off', 'n'): Figures(279, 2_553_539, 6.8, 5_250),
    ('yolov8-ghostnet', 'n'): Figures(267, 2_553_539, 6.8, 5_248),
    ('yolov8-g-ghost', 'n'): Figures(195, 2_581_091, 6.9, 5_283),
}
"""The article's figures: its rows YOLOv8s, YOLOv8_C2f_GhostBottleneckV2s, YOLOv8_C2f_GhostBottlenecks and
YOLOv8_C2f_g_ghostBottlenecks.

Its ghosts are scale n against a baseline of scale s, and its V2 never switches its attention on."""


def build(architecture: str, scale: str, nc: int, activation: str = 'silu') -> Network:
    """A network with random weights, in evaluation mode."""
    return Network(Config(architecture, scale, tuple(map(str, range(nc))), activation)).eval()


def layers(network: Network) -> int:
    """Modules of the module tree, the root included."""
    return sum(1 for _ in network.modules())


def parameters(network: Network) -> int:
    """All parameters, those that are not trained included."""
    return sum(parameter.numel() for parameter in network.parameters())


def gflops(network: Network, convolutions_only: bool = False) -> float:
    """Two operations per multiply-add of one 640 x 640 image.

    Counted are convolutions without bias, DFL as the convolution that it is, and, unless convolutions_only, four multiply-adds per element of each
    batch norm and one per element that nearest upsampling makes.
    """
    total = 0

    def count(module: nn.Module, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
        nonlocal total
        if isinstance(module, nn.Conv2d):
            total += output.numel() * module.weight[0].numel()
        elif isinstance(module, DFL):
            total += output.numel() * REG_MAX
        elif not convolutions_only:
            total += output.numel() * (4 if isinstance(module, nn.BatchNorm2d) else 1)

    counted = (nn.Conv2d, DFL, nn.BatchNorm2d, nn.Upsample)
    hooks = [m.register_forward_hook(count) for m in network.modules() if isinstance(m, counted)]
    with torch.no_grad():
        network.decode(network(torch.zeros(1, 3, SIZE, SIZE)))
    for hook in hooks:
        hook.remove()
    return 2 * total / 1e9


def kilobytes(network: Network) -> float:
    """Size of the weights as a half-precision PyTorch file."""
    file = io.BytesIO()
    torch.save({name: value.half() for name, value in network.state_dict().items()}, file)
    return file.tell() / 1000


def as_published(architecture: str, scale: str, nc: int = 1, activation: str = 'silu') -> Figures:
    """The figures of a network counted as the article counts."""
    network = fuse_as_published(build(architecture, scale, nc, activation))
    return Figures(layers(network), parameters(network), gflops(network), kilobytes(network))


def all_fused(architecture: str, scale: str, nc: int, activation: str = 'silu') -> Figures:
    """Every batch norm fused, convolutions counted: what a device computes."""
    network = fuse(build(architecture, scale, nc, activation))
    return Figures(layers(network), parameters(network), gflops(network, True), kilobytes(network))


def rows() -> list[dict]:
    """All rows: {model, scale, nc, layers, parameters, gflops, kb, published}; published is None where it has no figures."""
    found = []

    def add(model: str, scale: str, nc: int, figures: Figures, published: Figures | None = None) -> None:
        row = {
            'model': model,
            'scale': scale,
            'nc': nc,
            **asdict(figures),
            'published': published and asdict(published),
        }
        found.append(row)

    for (architecture, scale), published in PUBLISHED.items():
        add(architecture, scale, 1, as_published(architecture, scale), published)
    for architecture in ('yolov8-ghostnetv2', 'yolov8-ghostnetv2-all', 'yolov8'):
        add(architecture, 'n', 1, as_published(architecture, 'n'))
    for architecture in ('yolov8-ghostnet', 'yolov8-ghostnetv2', 'yolov8-g-ghost'):
        add(architecture, 's', 1, as_published(architecture, 's'))
    for architecture in (
        'yolov8',
        'yolov8-ghostnet',
        'yolov8-ghostnetv2',
        'yolov8-ghostnetv2-all',
        'yolov8-g-ghost',
    ):
        add(f'{architecture}, all fused', 'n', 80, all_fused(architecture, 'n', 80))
    add('yolov8-ghostnetv2, ReLU, all fused', 'n', 12, all_fused('yolov8-ghostnetv2', 'n', 12, 'relu'))
    return found


def markdown(table_rows: list[dict]) -> str:
    """The rows as a Markdown table."""
    heads = ['model', 'scale', 'nc', 'layers', 'parameters', 'GFLOPs', 'kb']
    lines = [[*heads, 'article: layers / parameters / GFLOPs / kb']]
    for row in table_rows:
        published = row['published']
        lines.append(
            [
                row['model'],
                row['scale'],
                str(row['nc']),
                str(row['layers']),
                f'{row["parameters"]:,}',
                f'{row["gflops"]:.3f}',
                f'{row["kb"]:,.0f}',
                f'{published["layers"]} / {published["parameters"]:,} / {published["gflops"]} / {published["kb"]:,}'
                if published
                else '',
            ]
        )
    return table(lines)
